//! broadcasts
