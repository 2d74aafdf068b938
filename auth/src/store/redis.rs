//! Sessions in Redis 6 or newer, or Valkey, for any number of replicas.
//!
//! Every method is one script, and Redis runs one script at a time: nobody sees half of a write. Leases are measured by
//! Redis's clock. What Redis must be for that, and for sessions that neither vanish nor come back:
//!
//! - one server (with replicas of its own if you like), not Redis Cluster: a script reads the names of the keys that it
//!   touches from the session, which Cluster does not allow;
//! - `maxmemory-policy noeviction`: under any other, Redis signs people out when it runs short of memory;
//! - `appendonly yes`, unless a restart may sign everybody out, and may bring back who signed out in the last moments.

use std::{collections::HashMap, fmt, time::Duration};

use ::redis::{
    Client, FromRedisValue, ProtocolVersion, RedisError, RedisResult, Script, ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use async_trait::async_trait;
use tokio::time::timeout;

use super::{
    Expected, Fence, Index, Leased, Row, RowKey, RowStore, ServerUrl, StoreError, Written,
    columns::{self, Columns},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(4);
/// How long an operation may take from beginning to end, with a new connection where the old one is gone.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
/// How many ended sessions one script removes: nothing else happens in Redis meanwhile.
const SWEEP: usize = 500;
/// Redis forgets a session this long after its absolute end: by then the sweep has long found it, if a server still
/// runs. Long enough for clocks that differ, and for nobody to rely on.
const GRACE: i64 = 24 * 60 * 60;
/// Ten thousand years in seconds; Redis calculates in milliseconds and refuses what does not fit.
const FOREVER: i64 = 10_000 * 366 * GRACE;

/// Rows in hashes.
pub struct RedisStore {
    connection: ConnectionManager,
    scripts: Scripts,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive() // The connection knows the password.
    }
}

struct Scripts {
    insert: Script,
    load: Script,
    find: Script,
    update: Script,
    touch: Script,
    lease: Script,
    release: Script,
    delete: Script,
    delete_over: Script,
    ping: Script,
}

macro_rules! script {
    ($file:literal) => {
        Script::new(concat!(include_str!("redis/session.lua"), include_str!($file)))
    };
}

impl Scripts {
    fn new() -> Self {
        Self {
            insert: script!("redis/insert.lua"),
            load: script!("redis/load.lua"),
            find: script!("redis/find.lua"),
            update: script!("redis/update.lua"),
            touch: script!("redis/touch.lua"),
            lease: script!("redis/lease.lua"),
            release: script!("redis/release.lua"),
            delete: script!("redis/delete.lua"),
            delete_over: script!("redis/delete_over.lua"),
            // Proves more than PING does: that scripts run, and that the keys are ours.
            ping: Script::new("return redis.call('EXISTS', 'scalekit:ends')"),
        }
    }
}

impl RedisStore {
    /// Connects, and looks whether this Redis may keep sessions.
    pub async fn open(url: &ServerUrl) -> Result<Self, StoreError> {
        let cannot = |error: StoreError| StoreError(format!("Redis at {}: {}", url.place(), error.0));
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(100));
        let connecting = async { Ok(ConnectionManager::new_with_config(client(url)?, config).await?) };
        let store = Self {
            connection: in_time(connecting).await.map_err(cannot)?,
            scripts: Scripts::new(),
        };
        store.look_at_settings().await.map_err(cannot)?;
        Ok(store)
    }

    async fn lease_from(
        &self,
        key: RowKey,
        version: i64,
        abandoned: Option<Fence>,
        duration: Duration,
    ) -> Result<Leased, StoreError> {
        let mut script = self.scripts.lease.arg(hex(&key.0));
        script.arg(version).arg(columns::milliseconds(duration));
        script.arg(abandoned.map_or_else(String::new, |Fence(number)| number.to_string()));
        let (answer, fence): (String, i64) = self.run(&script).await?;
        match answer.as_str() {
            "yes" => Ok(Leased::Yes(Fence(fence))),
            "held" => Ok(Leased::Held),
            "abandoned" => Ok(Leased::Abandoned(Fence(fence))),
            "changed" => Ok(Leased::Changed),
            "gone" => Ok(Leased::Gone),
            other => Err(unknown(other)),
        }
    }

    async fn look_at_settings(&self) -> Result<(), StoreError> {
        let mut connection = self.connection.clone();
        let asked: Result<String, StoreError> =
            in_time(async { Ok(::redis::cmd("INFO").query_async(&mut connection).await?) }).await;
        let Ok(info) = asked else {
            // Not everybody may ask. Whoever may not even run a command learns of it here.
            return self.ping().await;
        };
        let settings: HashMap<&str, &str> = info.lines().filter_map(|line| line.split_once(':')).collect();
        if settings.get("cluster_enabled").is_some_and(|value| *value == "1") {
            return Err(StoreError(
                "is a Redis Cluster, which cannot keep sessions".to_owned(),
            ));
        }
        if let Some(policy) = settings.get("maxmemory_policy")
            && *policy != "noeviction"
        {
            tracing::warn!(
                redis.maxmemory_policy = policy,
                "Redis may drop sessions when it runs short of memory; set its maxmemory-policy to noeviction"
            );
        }
        Ok(())
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError> {
        let mut connection = self.connection.clone();
        in_time(async {
            match script.invoke_async(&mut connection).await {
                // The failed attempt to reconnect of some time ago, perhaps; nothing was sent. Redis may be back.
                Err(error) if error.is_connection_refusal() => {
                    Ok(script.invoke_async(&mut connection).await?)
                }
                result => Ok(result?),
            }
        })
        .await
    }
}

fn client(url: &ServerUrl) -> RedisResult<Client> {
    use ::redis::IntoConnectionInfo as _;
    let info = url.expose().into_connection_info()?;
    // With it the client hears at once when a connection ends, and has a new one before the next request.
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    #[cfg(target_os = "linux")]
    let info = {
        // A connection whose other end vanished without a word is given up, too.
        let tcp = info.tcp_settings().clone().set_user_timeout(OPERATION_TIMEOUT);
        info.set_tcp_settings(tcp)
    };
    Client::open(info.set_redis_settings(redis))
}

async fn in_time<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(OPERATION_TIMEOUT, work)
        .await
        .unwrap_or_else(|_| Err(StoreError(format!("no answer within {OPERATION_TIMEOUT:?}"))))
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        Self(crate::error_chain(&error))
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Reads what [`hex`] wrote. Of anything else, something that is no hash.
fn unhex(text: &str) -> Vec<u8> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let (pairs, _) = digits.as_deref().unwrap_or_default().as_chunks::<2>();
    pairs.iter().map(|[high, low]| high << 4 | low).collect()
}

/// A session in Redis: its name, then the columns of [`Row`] in the order of its fields.
type Stored = (
    String,
    i64,
    Vec<u8>,
    Vec<u8>,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
    i64,
    i64,
);

fn columns(stored: Stored) -> Columns {
    let (
        id,
        version,
        record,
        summary,
        user,
        provider_session,
        organization,
        last_seen,
        idle_end,
        absolute_end,
    ) = stored;
    let hash = |text: Option<String>| text.map(|text| unhex(&text));
    (
        unhex(&id),
        version,
        record,
        summary,
        hash(user),
        hash(provider_session),
        hash(organization),
        last_seen,
        idle_end,
        absolute_end,
    )
}

/// Begins a script's arguments with a row.
fn with_row<'s>(script: &'s Script, key: RowKey, row: &Row) -> ScriptInvocation<'s> {
    let hash = |hash: Option<[u8; 32]>| hash.as_ref().map(hex).unwrap_or_default();
    let mut invocation = script.arg(hex(&key.0));
    invocation
        .arg(row.version)
        .arg(row.record.as_slice())
        .arg(row.summary.as_slice())
        .arg(hash(row.user))
        .arg(hash(row.provider_session))
        .arg(hash(row.organization))
        .arg(row.last_seen)
        .arg(row.idle_end)
        .arg(row.absolute_end);
    invocation
}

/// An empty fence is none.
fn text(fence: Option<Fence>) -> String {
    fence.map(|Fence(number)| number.to_string()).unwrap_or_default()
}

fn unknown(answer: &str) -> StoreError {
    StoreError(format!("Redis answered {answer}, which no script does"))
}

#[async_trait]
impl RowStore for RedisStore {
    async fn insert(&self, key: RowKey, row: &Row) -> Result<bool, StoreError> {
        // Relative, as Redis's clock need not be ours.
        let lifetime = row.absolute_end.saturating_sub(row.last_seen).clamp(0, FOREVER) + GRACE;
        self.run(with_row(&self.scripts.insert, key, row).arg(lifetime))
            .await
    }

    async fn load(&self, key: RowKey) -> Result<Option<Row>, StoreError> {
        let found: Option<Stored> = self.run(&self.scripts.load.arg(hex(&key.0))).await?;
        let found = found.map(|stored| columns::row(columns(stored))).transpose()?;
        Ok(found.map(|(_, row)| row))
    }

    async fn find(&self, index: Index, hashes: &[[u8; 32]]) -> Result<Vec<(RowKey, Row)>, StoreError> {
        let mut script = self.scripts.find.arg(match index {
            Index::User => "user",
            Index::ProviderSession => "provider_session",
            Index::Organization => "organization",
        });
        for hash in hashes {
            script.arg(hex(hash));
        }
        let found: Vec<Stored> = self.run(&script).await?;
        found
            .into_iter()
            .map(|stored| columns::row(columns(stored)))
            .collect()
    }

    async fn update(&self, key: RowKey, expected: Expected, row: &Row) -> Result<Written, StoreError> {
        let mut script = with_row(&self.scripts.update, key, row);
        let answer: String = self
            .run(script.arg(expected.version).arg(text(expected.fence)))
            .await?;
        match answer.as_str() {
            "yes" => Ok(Written::Yes),
            "conflict" => Ok(Written::Conflict),
            "gone" => Ok(Written::Gone),
            other => Err(unknown(other)),
        }
    }

    async fn touch(&self, key: RowKey, last_seen: i64, idle_end: i64) -> Result<(), StoreError> {
        let mut script = self.scripts.touch.arg(hex(&key.0));
        self.run(script.arg(last_seen).arg(idle_end)).await
    }

    async fn lease(&self, key: RowKey, version: i64, duration: Duration) -> Result<Leased, StoreError> {
        self.lease_from(key, version, None, duration).await
    }

    async fn take_over(
        &self,
        key: RowKey,
        version: i64,
        abandoned: Fence,
        duration: Duration,
    ) -> Result<Leased, StoreError> {
        self.lease_from(key, version, Some(abandoned), duration).await
    }

    async fn release(&self, key: RowKey, fence: Fence) -> Result<(), StoreError> {
        self.run(self.scripts.release.arg(hex(&key.0)).arg(fence.0)).await
    }

    async fn delete(&self, key: RowKey) -> Result<bool, StoreError> {
        self.run(&self.scripts.delete.arg(hex(&key.0))).await
    }

    async fn delete_unchanged(&self, key: RowKey, expected: Expected) -> Result<bool, StoreError> {
        let mut script = self.scripts.delete.arg(hex(&key.0));
        self.run(script.arg(expected.version).arg(text(expected.fence)))
            .await
    }

    async fn delete_over(&self, now: i64) -> Result<u64, StoreError> {
        let mut removed = 0;
        loop {
            let (found, count): (usize, u64) = self.run(self.scripts.delete_over.arg(now).arg(SWEEP)).await?;
            removed += count;
            if found < SWEEP {
                return Ok(removed);
            }
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.run(&self.scripts.ping.prepare_invoke()).await
    }
}
