//! The vault as tower-sessions uses it: for the session cookie, and for members of the application's own.
//!
//! A [`Session`](tower_sessions::Session) that was read before somebody else wrote is not saved: the write is refused
//! rather than let it undo theirs (promise 9).

use async_trait::async_trait;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use super::{Members, SessionVault, moment, row_key};
use crate::store::{Expected, StoreError, Written};

/// Where in a record's data its version travels between load and save. Not stored.
const VERSION_KEY: &str = "scalekit_version";

#[async_trait]
impl SessionStore for SessionVault {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        loop {
            let row = self.seal(record.id, &members(record), 1, record.expiry_date)?;
            if self.rows.insert(row_key(record.id), &row).await? {
                record.data.insert(VERSION_KEY.to_owned(), 1.into());
                return Ok(());
            }
            record.id = self.new_id(); // Taken: as likely as guessing somebody's id, but the contract asks.
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let version = record.data.get(VERSION_KEY).and_then(serde_json::Value::as_i64);
        let version = version.unwrap_or_default();
        let row = self.seal(record.id, &members(record), version + 1, record.expiry_date)?;
        let expected = Expected { version, fence: None };
        match self.rows.update(row_key(record.id), expected, &row).await? {
            Written::Yes => Ok(()),
            Written::Conflict => Err(backend("the session was changed by another request")),
            Written::Gone => Err(backend("the session has been ended")),
        }
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now = self.surroundings.now();
        let row = self.rows.load(row_key(*id)).await?;
        let Some(row) = row.filter(|row| !row.is_over(now.unix_timestamp())) else {
            return Ok(None);
        };
        let Ok(record) = self.unseal(*id, &row) else {
            self.tell_unreadable(row_key(*id));
            return Ok(None);
        };
        let mut data: Members = serde_json::from_slice(&record)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        data.insert(VERSION_KEY.to_owned(), row.version.into());
        self.touched(row_key(*id), &row, now).await;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: moment(row.absolute_end),
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.end(*id).await?;
        Ok(())
    }
}

fn members(record: &Record) -> Members {
    let mut members = record.data.clone();
    members.remove(VERSION_KEY);
    members
}

fn backend(message: &str) -> session_store::Error {
    session_store::Error::Backend(message.to_owned())
}

impl From<StoreError> for session_store::Error {
    fn from(error: StoreError) -> Self {
        Self::Backend(error.to_string())
    }
}
