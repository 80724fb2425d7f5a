//! Import by staff: files become drafts, each with a drafted bulletin; approving the bulletin publishes the document (F47).
//! An upload is taken whole or not at all, and `dry_run` tells beforehand what would happen.

use axum::extract::State as Extract;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::broadcasts::Actor;
use crate::broadcasts::bulletins::Draft;
use crate::domain::bulletin::{BulletinKind, Targets};
use crate::domain::document::{Document, Publication};
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::knowledge::import::{self, Imported, Report};
use crate::knowledge::passages_of;
use crate::replies::{self, problems};
use crate::store::{Tx, audit, bulletins, documents};
use crate::web::State;
use crate::web::extract::{Json, Query};
use crate::web::layers::UPLOAD_BYTES;
use crate::web::problem::{ApiError, Problem, unknown_field};
use crate::web::staff::Staff;

const MOST_FILES: usize = 100;
/// Drafts an upload is compared with; nobody has so many waiting.
const MOST_WAITING: i64 = 1_000;
/// A drafted bulletin quotes about this much of its document; the rest is on the document's page.
const QUOTED_CHARACTERS: usize = 500;

/// Whether to write.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// True: only report what would be imported.
    #[serde(default)]
    pub dry_run: bool,
}

/// What to send: `multipart/form-data`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only describes the form")]
pub struct Upload {
    /// One or more files (.md, .txt, .html, .docx, .pdf, .xlsx), at most 50 MB each.
    #[schema(value_type = Vec<String>, format = Binary, min_items = 1, max_items = 100)]
    file: Vec<u8>,
    /// Tags of the groups the drafted bulletins go to, separated by commas; `*`, every group, unless told.
    #[serde(default)]
    #[schema(nullable = false)]
    tags: Option<String>,
}

/// What an import found and did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ImportReport {
    pub dry_run: bool,
    /// Files read, with passages and doubts, and the reasons of refusals.
    #[schema(value_type = Object)]
    pub found: serde_json::Value,
    pub stored: Vec<Stored>,
}

/// One document stored as a draft.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Stored {
    pub document: String,
    /// True where it was perhaps misread: it waits until a person has compared it with its source.
    pub quarantined: bool,
    /// The bulletin drafted for it; null where one was drafted before or nothing changed.
    pub bulletin: Option<String>,
}

/// Imports documents as drafts, each with its bulletin, or reports what would be imported.
#[utoipa::path(post, path = "/documents", summary = "导入文件为草稿，或只看会导入什么",
    description = "每份文件带一条通知草稿；只预检时返回会导入什么，不写入。", tag = "documents", security(("token" = [])), params(How),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 200, description = "The report of a dry run", body = ImportReport), (status = 201, body = ImportReport),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Query(how): Query<How>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<ImportReport>), ApiError> {
    staff.require(Permission::WriteDocuments)?;
    let form = form.map_err(|_| ApiError::WrongType(problems::not_multipart()))?;
    let (files, tags) = read_form(form).await?;
    let known = known(&state).await?;
    let report = tokio::task::spawn_blocking(move || {
        let mut report = Report::default();
        files.into_iter().for_each(|(name, bytes)| report.add(import::read_bytes(&name, &bytes)));
        report.compare(&known);
        report
    })
    .await
    .map_err(|error| ApiError::Internal(error.into()))?;
    let found = report.as_json();
    if how.dry_run {
        return Ok((StatusCode::OK, Json(ImportReport { dry_run: true, found, stored: Vec::new() })));
    }
    if !report.refused.is_empty() {
        let reasons: Vec<String> = report.refused.iter().map(ToString::to_string).collect();
        return Err(ApiError::invalid("file", problems::refused_files(&reasons)));
    }
    let now = state.clock.now();
    let actor = Actor { id: staff.user_id, name: staff.name };
    let targets = Targets { channels: Vec::new(), tags };
    let readable: Vec<Readable> = report.documents().into_iter().map(Readable::from).collect();
    let mut tx = state.store.begin().await?;
    let stored = store_drafts(&state, &mut tx, &readable, &targets, &actor, now).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(ImportReport { dry_run: false, found, stored })))
}

/// A document that was read and may be stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Readable {
    pub file: String,
    pub document: Document,
    pub content_hash: String,
    /// What the importer was not sure of, in words.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// Whether it was perhaps misread.
    #[serde(default)]
    pub doubtful: bool,
}

impl From<Imported> for Readable {
    fn from(imported: Imported) -> Self {
        Self {
            doubts: imported.doubts.iter().map(import::words).collect(),
            doubtful: imported.is_doubtful(),
            file: imported.file,
            document: imported.document,
            content_hash: imported.content_hash,
        }
    }
}

/// Stores documents as drafts, each with its bulletin.
pub async fn store_drafts(
    state: &State,
    tx: &mut Tx,
    readable: &[Readable],
    targets: &Targets,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Stored>, ApiError> {
    let mut stored = Vec::new();
    for imported in readable {
        stored.push(store(state, tx, imported, targets, actor, now).await?);
    }
    Ok(stored)
}

async fn store(
    state: &State,
    tx: &mut Tx,
    imported: &Readable,
    targets: &Targets,
    actor: &Actor,
    now: Timestamp,
) -> Result<Stored, ApiError> {
    let document = &imported.document;
    let known = documents::get(tx, &document.id).await?;
    if known.as_ref().is_some_and(|known| known.publication == Publication::Published) {
        // Taking the published text's place as a draft would take it out of the answers.
        return Err(ApiError::Conflict(problems::document_published(&document.title)));
    }
    let publication = if imported.doubtful { Publication::Quarantined } else { Publication::Draft };
    documents::put(tx, document, &imported.content_hash, publication, now).await?;
    documents::note_doubts(tx, &document.id, &imported.doubts.join("\n")).await?;
    let bulletin = match imported.doubtful {
        true => None,
        false => draft_bulletin(state, tx, document, targets.clone(), actor, now).await?,
    };
    audit::record(tx, &actor.name, "document.import", &document.id, &imported.file, now).await?;
    Ok(Stored { document: document.id.clone(), quarantined: imported.doubtful, bulletin })
}

/// Drafts the bulletin that tells of a document; its id, or `None` where there is one already.
pub async fn draft_bulletin(
    state: &State,
    tx: &mut Tx,
    document: &Document,
    targets: Targets,
    actor: &Actor,
    now: Timestamp,
) -> Result<Option<String>, ApiError> {
    if bulletins::of_origin(tx, BulletinKind::Policy, &document.id).await?.is_some() {
        return Ok(None);
    }
    let draft = drafted(document, targets, &state.public_url);
    let origin = Some(document.id.clone());
    Ok(Some(state.broadcasts.draft_without_targets_in(tx, BulletinKind::Policy, origin, draft, actor, now).await?.id))
}

/// All documents an upload is compared with: what is answered from, and what waits.
pub async fn known(state: &State) -> Result<Vec<Document>, ApiError> {
    let mut known = state.answering.search().snapshot().documents().to_vec();
    let mut conn = state.store.read().await?;
    for publication in [Publication::Draft, Publication::Quarantined] {
        let waiting = documents::list_by_publication(&mut conn, publication, "", MOST_WAITING).await?;
        known.extend(waiting.into_iter().map(|stored| stored.document));
    }
    Ok(known)
}

/// The bulletin of a new document, in the document's own words; staff edit it before they submit it.
fn drafted(document: &Document, targets: Targets, public_url: &str) -> Draft {
    let mut body = String::new();
    let lines = passages_of(document).into_iter().flat_map(|passage| passage.text(document).lines());
    for line in lines.map(|line| line.trim().trim_start_matches("- ")).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if !body.is_empty() && body.chars().count() + line.chars().count() > QUOTED_CHARACTERS {
            break;
        }
        if !body.is_empty() {
            body.push('\n');
        }
        body.extend(line.chars().take(QUOTED_CHARACTERS));
    }
    let audience = document.audience.join("、");
    Draft {
        title: replies::bulletins::new_policy_title(&document.title),
        number: document.number.clone(),
        summary: String::new(),
        audience_text: (!audience.is_empty()).then_some(audience),
        effective_from: document.effective_from,
        link: Some(format!("{public_url}/policies/{}", document.id)),
        body,
        targets,
        ..Draft::default()
    }
}

/// Files and tags of an upload.
pub async fn read_form(mut form: Multipart) -> Result<(Vec<(String, Vec<u8>)>, Vec<String>), ApiError> {
    let (mut files, mut tags) = (Vec::new(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(|error| refuse(&error))? {
        match field.name() {
            Some("file") => {
                let name = field.file_name().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                if name.is_empty() {
                    return Err(ApiError::invalid("file", problems::no_file()));
                }
                if files.len() == MOST_FILES {
                    return Err(ApiError::invalid("file", problems::too_many_files(MOST_FILES)));
                }
                files.push((name, field.bytes().await.map_err(|error| refuse(&error))?.to_vec()));
            }
            Some("tags") => {
                let text = field.text().await.map_err(|error| refuse(&error))?;
                tags.extend(text.split([',', '，', '、']).map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()));
            }
            name => return Err(unknown_field(name, "file、tags")),
        }
    }
    if files.is_empty() {
        return Err(ApiError::invalid("file", problems::no_file()));
    }
    if tags.is_empty() {
        tags.push("*".to_owned());
    }
    Ok((files, tags))
}

fn refuse(error: &MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::TooLarge(UPLOAD_BYTES)
    } else {
        ApiError::invalid("file", problems::not_multipart())
    }
}
