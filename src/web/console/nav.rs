//! What stands around every page: who is logged in, the way to the other areas, what just happened.

use crate::domain::staff::Permission;
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
    area("", "工作台", "/console", Permission::Read),
    area("", "人工咨询", "/console/inquiries", Permission::Read),
    area("宣传", "通知", "/console/bulletins", Permission::Read),
    area("宣传", "定期通知", "/console/recurring", Permission::Read),
    area("宣传", "排期", "/console/agenda", Permission::Read),
    area("宣传", "群聊", "/console/channels", Permission::Read),
    area("宣传", "宣传月", "/console/campaigns", Permission::Read),
    area("宣传", "二维码", "/console/codes", Permission::Read),
    area("宣传", "考试和答题", "/console/quizzes", Permission::Read),
    area("服务", "课程", "/console/classes", Permission::Read),
    area("服务", "待补问题", "/console/gaps", Permission::Read),
    area("服务", "意见台账", "/console/ledger", Permission::Read),
    area("服务", "服务评价", "/console/ratings", Permission::Read),
    area("知识", "知识库", "/console/documents", Permission::Read),
    area("知识", "试问", "/console/explain", Permission::Read),
    area("知识", "词表", "/console/words", Permission::Read),
    area("管理", "每周统计", "/console/statistics", Permission::Read),
    area("管理", "人员", "/console/users", Permission::Read),
    area("管理", "个人信息", "/console/people", Permission::ManageUsers),
    area("管理", "操作记录", "/console/audit", Permission::ReadAudit),
    area("管理", "配置", "/console/settings", Permission::ReadAudit),
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
