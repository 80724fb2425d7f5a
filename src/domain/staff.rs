//! Staff roles and what each may do. Default deny.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// Role of a staff user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Publicity,
    Approver,
    Trainer,
    Desk,
    Auditor,
}

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read anything.
    Read,
    WriteBulletins,
    ApproveBulletins,
    SendBulletins,
    WriteChannels,
    WriteDocuments,
    WriteClasses,
    WriteCampaigns,
    SettleDeliveries,
    Answer,
    ManageUsers,
    /// Read who did what, and the configuration.
    ReadAudit,
}

/// Every role.
pub const ROLES: [Role; 6] = [Role::Admin, Role::Publicity, Role::Approver, Role::Trainer, Role::Desk, Role::Auditor];

impl Role {
    /// The word in store, API and command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Publicity => "publicity",
            Self::Approver => "approver",
            Self::Trainer => "trainer",
            Self::Desk => "desk",
            Self::Auditor => "auditor",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        ROLES.into_iter().find(|role| role.word() == word)
    }

    /// Whether this role may do it. Approving is the approver's alone, not even the admin's.
    pub fn may(self, permission: Permission) -> bool {
        use Permission::{
            Answer, ApproveBulletins, Read, ReadAudit, SendBulletins, SettleDeliveries, WriteBulletins, WriteCampaigns, WriteChannels,
            WriteClasses, WriteDocuments,
        };
        match self {
            Self::Admin => permission != ApproveBulletins,
            Self::Publicity => {
                matches!(
                    permission,
                    Read | WriteBulletins | SendBulletins | WriteChannels | WriteCampaigns | SettleDeliveries | WriteDocuments
                )
            }
            Self::Approver => matches!(permission, Read | ApproveBulletins),
            Self::Trainer => matches!(permission, Read | WriteClasses),
            Self::Desk => matches!(permission, Read | Answer),
            Self::Auditor => matches!(permission, Read | ReadAudit),
        }
    }
}

/// Who acts: the user's id (what authorship is compared by) and name (what the audit shows).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub id: String,
    pub name: String,
}

/// A row of the audit: who did what to what, and its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AuditRow {
    pub id: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Name of the staff user, or which part of the service did it.
    pub actor: String,
    /// Such as `bulletin.approve`.
    pub action: String,
    /// Id of what it was done to.
    pub subject: String,
    pub detail: String,
    /// 1 for the first row.
    pub place: i64,
    /// Hash of the row before; empty for the first.
    pub previous_hash: String,
    /// SHA-256 of this row and the hash before it.
    pub hash: String,
}

impl AuditRow {
    /// The row as a line of CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    pub fn csv(&self) -> String {
        let cell = |text: &str| {
            let guard = if text.starts_with(['=', '+', '-', '@', '\t']) { "'" } else { "" };
            format!("\"{guard}{}\"", text.replace('"', "\"\""))
        };
        let (place, at) = (self.place.to_string(), self.at.rfc3339());
        [&place, &at, &self.actor, &self.action, &self.subject, &self.detail, &self.hash].map(|text| cell(text)).join(",")
    }
}

/// What reading the whole chain of the audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Rows that hold.
    pub rows: i64,
    /// Hash of the last of them: written down elsewhere, it shows later that nothing was cut off.
    pub end: String,
    /// The first place that does not hold.
    pub broken: Option<Broken>,
}

/// How a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// No row at this place.
    Missing { place: i64 },
    /// The row does not read as it was written.
    Changed { place: i64, id: String },
    /// The end of the chain is not the last row.
    EndChanged,
    /// A row that is in no chain.
    Outside { id: String },
}
