//! The words that choose the form of an answer, as the description lists them. Handlers read them as texts, to refuse others in Chinese.

/// A page for programs, or a workbook.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum SheetFormat {
    Json,
    Xlsx,
}

/// The ledger's file.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum LedgerFormat {
    Csv,
    Xlsx,
}

/// A report.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ReportFormat {
    Json,
    Xlsx,
    Docx,
}

/// A picture of a code.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum PictureFormat {
    Svg,
    Png,
}

/// Where a code leads.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum PictureLink {
    Web,
    Chat,
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
}
