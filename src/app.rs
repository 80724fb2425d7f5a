//! Placeholder until the rooms are built.
