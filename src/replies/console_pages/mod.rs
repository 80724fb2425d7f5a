//! The words of the console's pages, one file per page: the page itself is code, and says nothing in Chinese. Labels are constants; a
//! sentence with something in it is a function.

pub mod audit;
pub mod chart;
pub mod class_sessions;
pub mod codes;
pub mod dashboard;
pub mod explain;
pub mod gaps;
pub mod import;
pub mod inquiries;
pub mod ledger;
pub mod own;
pub mod ratings;
pub mod recurring;
pub mod reports;
pub mod users;
pub mod words;
