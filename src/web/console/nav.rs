//! What stands around every page: who is logged in, the way to the other areas, what just happened.

use crate::domain::staff::Permission;
use crate::replies::console_pages::nav as text;
use crate::replies::problems;
use crate::web::session::Session;

/// A line of the navigation.
#[derive(Debug, Clone, Copy)]
struct Area {
    group: &'static str,
    label: &'static str,
    path: &'static str,
    /// Who may not, does not see it.
    permission: Permission,
}

const fn area(group: &'static str, label: &'static str, path: &'static str, permission: Permission) -> Area {
    Area { group, label, path, permission }
}

/// Every area in the order shown; each area adds its line.
const NAV: &[Area] = &[
    area("", text::DASHBOARD, "/console", Permission::Read),
    area("", text::INQUIRIES, "/console/inquiries", Permission::Read),
    area("", text::ALERTS, "/console/alerts", Permission::Read),
    area(text::ANNOUNCE, text::BULLETINS, "/console/bulletins", Permission::Read),
    area(text::ANNOUNCE, text::DELIVERIES, "/console/deliveries", Permission::Read),
    area(text::ANNOUNCE, text::RECURRING, "/console/recurring", Permission::Read),
    area(text::ANNOUNCE, text::AGENDA, "/console/agenda", Permission::Read),
    area(text::ANNOUNCE, text::CALENDAR, "/console/calendar", Permission::Read),
    area(text::ANNOUNCE, text::CHANNELS, "/console/channels", Permission::Read),
    area(text::ANNOUNCE, text::CAMPAIGNS, "/console/campaigns", Permission::Read),
    area(text::ANNOUNCE, text::CODES, "/console/codes", Permission::Read),
    area(text::ANNOUNCE, text::QUIZZES, "/console/quizzes", Permission::Read),
    area(text::SERVE, text::CLASSES, "/console/classes", Permission::Read),
    area(text::SERVE, text::GAPS, "/console/gaps", Permission::Read),
    area(text::SERVE, text::LEDGER, "/console/ledger", Permission::Read),
    area(text::SERVE, text::RATINGS, "/console/ratings", Permission::Read),
    area(text::KNOW, text::DOCUMENTS, "/console/documents", Permission::Read),
    area(text::KNOW, text::EXPLAIN, "/console/explain", Permission::Read),
    area(text::KNOW, text::WORDS, "/console/words", Permission::Read),
    area(text::MANAGE, text::STATISTICS, "/console/statistics", Permission::Read),
    area(text::MANAGE, text::USERS, "/console/users", Permission::Read),
    area(text::MANAGE, text::PEOPLE, "/console/people", Permission::ManageUsers),
    area(text::MANAGE, text::AUDIT, "/console/audit", Permission::ReadAudit),
    area(text::MANAGE, text::SETTINGS, "/console/settings", Permission::ReadAudit),
];

/// What a page's surroundings need: the field `frame` of every page.
#[derive(Debug, Clone)]
pub struct Frame {
    pub title: String,
    pub user: String,
    pub role: &'static str,
    /// Token of the session, for forms written by hand.
    pub csrf: String,
    /// What just happened; empty: nothing.
    pub said: String,
    pub nav: Vec<Group>,
}

/// Areas under one heading.
#[derive(Debug, Clone)]
pub struct Group {
    pub label: &'static str,
    pub links: Vec<Link>,
}

/// The way to an area.
#[derive(Debug, Clone)]
pub struct Link {
    pub label: &'static str,
    pub path: &'static str,
    pub here: bool,
}

impl Frame {
    /// The frame of a page of the area at `path`.
    pub fn of(session: &Session, path: &str, title: &str) -> Self {
        let mut nav: Vec<Group> = Vec::new();
        for area in NAV.iter().filter(|area| session.may(area.permission)) {
            if nav.last().is_none_or(|group| group.label != area.group) {
                nav.push(Group { label: area.group, links: Vec::new() });
            }
            if let Some(group) = nav.last_mut() {
                group.links.push(Link { label: area.label, path: area.path, here: area.path == path });
            }
        }
        Self {
            title: title.to_owned(),
            user: session.staff.name.clone(),
            role: problems::role_name(session.staff.role),
            csrf: session.csrf.clone(),
            said: session.said.clone(),
            nav,
        }
    }
}
