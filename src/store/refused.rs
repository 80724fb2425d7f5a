//! Why a step was not taken: the rooms that write say it in one form, so that every door words it alike.

/// The texts are Chinese sentences that say what to change.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No such thing of this kind.
    #[error("没有找到这个{0}，请检查编号")]
    NotFound(&'static str),
    /// Not from this state, or not again.
    #[error("{0}")]
    Conflict(String),
    /// Not by this person.
    #[error("{0}")]
    Forbidden(String),
    /// A value that is not acceptable.
    #[error("{detail}")]
    Invalid { field: &'static str, detail: String },
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl Refused {
    /// A value of `field` that is not acceptable.
    pub fn invalid(field: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid { field, detail: detail.into() }
    }
}
