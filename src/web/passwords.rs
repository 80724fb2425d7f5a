//! Passwords: Argon2id, at most two hashes at once, and the same work whether or not there is such a user.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::{OnceCell, Semaphore};

use super::problem::ApiError;
use crate::replies::console;

/// Shortest password, in characters.
pub const SHORTEST: usize = 12;
/// Longest password, in characters: long enough for any sentence, short enough to hash.
pub const LONGEST: usize = 200;
/// 19 MiB, two passes, one lane: what OWASP asks at least.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Each hash takes 19 MiB and a core: a flood of log-ins must not take the machine.
const AT_ONCE: usize = 2;
/// How long somebody waits who came while two were being hashed.
const COME_BACK_SECONDS: u64 = 1;

/// Hashes and checks passwords. One for the whole service.
#[derive(Debug)]
pub struct Passwords {
    places: Semaphore,
    /// The hash of nobody's password, to work on for unknown users.
    nobody: OnceCell<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Semaphore::new(AT_ONCE), nobody: OnceCell::new() }
    }
}

impl Passwords {
    /// The hash to keep. 422 naming `field` where the password cannot be used, 429 where two are being hashed.
    pub async fn hash(&self, field: &str, password: &str, name: &str) -> Result<String, ApiError> {
        let characters = password.chars().count();
        if !(SHORTEST..=LONGEST).contains(&characters) {
            return Err(ApiError::invalid(field, console::wrong_password(SHORTEST, LONGEST)));
        }
        let first = password.chars().next();
        if password.contains(name) || password.chars().all(|c| Some(c) == first) {
            return Err(ApiError::invalid(field, console::simple_password()));
        }
        let _place = self.place()?;
        let password = password.to_owned();
        work(move || hashed(&password)).await?
    }

    /// Whether `password` is the one of `phc`; without one, the same work for nothing. 429 where two are being hashed.
    pub async fn check(&self, password: &str, phc: Option<String>) -> Result<bool, ApiError> {
        let _place = self.place()?;
        let known = phc.is_some();
        let nobody = self.nobody.get_or_try_init(|| async { work(|| hashed("no user has this password")).await? }).await?;
        let phc = phc.unwrap_or_else(|| nobody.clone());
        let password: String = password.chars().take(LONGEST + 1).collect();
        let right = work(move || {
            let phc = PasswordHash::new(&phc).map_err(|error| anyhow::anyhow!("a stored password hash cannot be read: {error}"))?;
            Ok::<_, anyhow::Error>(argon().verify_password(password.as_bytes(), &phc).is_ok())
        })
        .await??;
        Ok(right && known)
    }

    fn place(&self) -> Result<tokio::sync::SemaphorePermit<'_>, ApiError> {
        self.places.try_acquire().map_err(|_| ApiError::TooMany(COME_BACK_SECONDS))
    }
}

/// Runs on a blocking thread: a hash takes a core for some hundredths of a second.
async fn work<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(job).await.map_err(|error| ApiError::Internal(error.into()))
}

fn hashed(password: &str) -> Result<String, ApiError> {
    let hash = argon().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| ApiError::Internal(anyhow::anyhow!("a password could not be hashed: {error}")))
}

fn argon() -> Argon2<'static> {
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("these parameters are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
}
