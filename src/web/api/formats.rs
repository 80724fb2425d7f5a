//! The words a parameter takes, as the description lists them; an empty one (`Unsaid`, which [`crate::web::openapi::complete`] writes as such)
//! is as good as none. Handlers read them as texts, to refuse others in Chinese.

/// A page for programs, or a workbook.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum SheetFormat {
    Json,
    Xlsx,
    Unsaid,
}

/// The ledger's file.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum LedgerFormat {
    Csv,
    Xlsx,
    Unsaid,
}

/// A report.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ReportFormat {
    Json,
    Xlsx,
    Docx,
    Unsaid,
}

/// A picture of a code.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum PictureFormat {
    Svg,
    Png,
    Unsaid,
}

/// Where a code leads.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum PictureLink {
    Web,
    Chat,
    Unsaid,
}

/// Which gaps are listed.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum WantedState {
    Open,
    Drafting,
    Published,
    Dismissed,
    ToDo,
    Unsaid,
}

/// Which inquiries are listed.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum WantedInquiry {
    Waiting,
    Human,
    Closed,
    Unsaid,
}

/// Which items of the ledger are listed.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum WantedStage {
    Received,
    Accepted,
    Handling,
    Answered,
    Closed,
    Unsaid,
}

/// Which documents are listed.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum WantedValidity {
    InForce,
    Amended,
    Repealed,
    Expired,
    NotYet,
    Unsaid,
}

/// Only those, or all.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum OnlyThose {
    True,
    False,
    Unsaid,
}

/// The bytes of a file, as the description names them.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct File(pub Vec<u8>);

/// One server-sent event, as the description names it.
#[derive(utoipa::ToSchema)]
pub struct Events {
    /// What it tells.
    #[schema(required = false)]
    pub event: String,
    /// JSON, as the operation describes it.
    pub data: String,
    /// After how long to ask again when the line breaks, in milliseconds.
    #[schema(required = false)]
    pub retry: u32,
}
