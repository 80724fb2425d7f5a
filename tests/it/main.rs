//! One test binary: every promise has a file, the harness starts the whole service with fakes on the wire and a manual clock.

mod architecture;
