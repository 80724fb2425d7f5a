//! The words a parameter takes, as the description lists them; an empty one is as good as none. Handlers read them as texts, to refuse
//! others in Chinese.

/// A page for programs, or a workbook.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum SheetFormat {
    Json,
    Xlsx,
    #[schema(rename = "")]
    Unsaid,
}

/// The ledger's file.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum LedgerFormat {
    Csv,
    Xlsx,
    #[schema(rename = "")]
    Unsaid,
}

/// A report.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ReportFormat {
    Json,
    Xlsx,
    Docx,
    #[schema(rename = "")]
    Unsaid,
}

/// A picture of a code.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum PictureFormat {
    Svg,
    Png,
    #[schema(rename = "")]
    Unsaid,
}

/// Where a code leads.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum PictureLink {
    Web,
    Chat,
    #[schema(rename = "")]
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
    #[schema(rename = "")]
    Unsaid,
}

/// Which inquiries are listed.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum WantedInquiry {
    Waiting,
    Human,
    Closed,
    #[schema(rename = "")]
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
    #[schema(rename = "")]
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
    #[schema(rename = "")]
    Unsaid,
}

/// Only those, or all.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum OnlyThose {
    True,
    False,
    #[schema(rename = "")]
    Unsaid,
}
