//! Every sentence the service says (zh-CN), one function each. Nothing is promised beyond the text.

pub mod after_class;
pub mod alerts;
pub mod answers;
pub mod asked;
pub mod bulletins;
pub mod campaigns;
pub mod care;
pub mod channels;
pub mod check_ins;
pub mod class_console;
pub mod class_summary;
pub mod classes;
pub mod codes;
pub mod console;
pub mod conversation;
pub mod desk;
pub mod gaps;
pub mod inbox;
pub mod ledger;
pub mod pages;
pub mod privacy;
pub mod problems;
pub mod quizzes;
pub mod reports;
pub mod subscriptions;
pub mod weekly;
