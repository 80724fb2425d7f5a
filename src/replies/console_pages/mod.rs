//! The words of the console's pages, one file per page: the page itself is code, and says nothing in Chinese. Labels are constants; a
//! sentence with something in it is a function.

pub mod agenda;
pub mod audit;
pub mod bulletin_attachments;
pub mod bulletin_ledger;
pub mod bulletin_steps;
pub mod bulletins;
pub mod calendar;
pub mod campaigns;
pub mod channels;
pub mod chart;
pub mod class_door;
pub mod class_edit;
pub mod class_sessions;
pub mod class_summary;
pub mod classes;
pub mod codes;
pub mod dashboard;
pub mod documents;
pub mod door;
pub mod explain;
pub mod gaps;
pub mod import;
pub mod inquiries;
pub mod ledger;
pub mod nav;
pub mod outings;
pub mod own;
pub mod quizzes;
pub mod ratings;
pub mod recurring;
pub mod reports;
pub mod settings;
pub mod users;
pub mod words;
