//! Staff roles and what each may do. Default deny.

use serde::{Deserialize, Serialize};

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
}

const ROLES: [Role; 6] = [Role::Admin, Role::Publicity, Role::Approver, Role::Trainer, Role::Desk, Role::Auditor];

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
            Answer, ApproveBulletins, ManageUsers, Read, SendBulletins, SettleDeliveries, WriteBulletins, WriteCampaigns, WriteChannels,
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
            Self::Auditor => permission == Read && permission != ManageUsers,
        }
    }
}
