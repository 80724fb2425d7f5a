//! Which topic next: those who take part are asked once, anybody may vote on the page, and the last ballot of a person counts.

use std::time::Duration;

use super::{Actor, Broadcasts, Refused};
use crate::domain::channel::ChannelKind;
use crate::domain::class_summary::{TopicResult, VoteResult};
use crate::domain::id::new_id;
use crate::domain::time::Timestamp;
use crate::replies::after_class as words;
use crate::store::votes::{self, Vote};
use crate::store::{Tx, audit};

const LEAST_TOPICS: usize = 2;
const MOST_TOPICS: usize = 8;
/// What a button on a phone shows whole.
const LONGEST_TOPIC: usize = 30;
const SHORTEST: Duration = Duration::from_secs(600);
const LONGEST: Duration = Duration::from_secs(60 * 24 * 3600);

/// What came of a ballot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voted {
    /// For this topic; may be changed until then.
    Counted(String, Timestamp),
    Closed,
    NoSuchTopic,
}

impl Broadcasts {
    /// Begins a vote and asks everybody who takes part, one message each; says how many.
    pub async fn begin_vote(
        &self,
        class: &str,
        topics: &[String],
        closes_at: Timestamp,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(Vote, usize), Refused> {
        let topics: Vec<String> = topics.iter().map(|topic| topic.trim().to_owned()).filter(|topic| !topic.is_empty()).collect();
        let twice = topics.iter().enumerate().any(|(at, topic)| topics[..at].contains(topic));
        let wrong = |topic: &String| topic.chars().count() > LONGEST_TOPIC || topic.chars().any(char::is_control);
        if !(LEAST_TOPICS..=MOST_TOPICS).contains(&topics.len()) || twice || topics.iter().any(wrong) {
            return Err(Refused::invalid("topics", words::wrong_topics(LEAST_TOPICS, MOST_TOPICS, LONGEST_TOPIC)));
        }
        if closes_at < now.plus(SHORTEST) || closes_at > now.plus(LONGEST) {
            return Err(Refused::invalid("closes_at", words::wrong_closing()));
        }
        let (mut tx, stored) = self.take_class(class).await?;
        if let Some(open) = votes::of_class(&mut tx, class).await?.iter().find(|vote| vote.closes_at > now) {
            return Err(Refused::Conflict(words::vote_runs(open.closes_at)));
        }
        let reached = self.reachable(&mut tx, &stored.class, now).await?;
        let vote = Vote { id: new_id("vot", now), class_id: class.to_owned(), topics, closes_at };
        votes::insert(&mut tx, &vote, &actor.name, now).await?;
        let message = words::vote(&vote.id, &stored.class.title, &vote.topics, closes_at);
        for (enrolment, channel_id) in &reached {
            self.push(&mut tx, &format!("{}:{enrolment}", vote.id), channel_id, &message, closes_at, now).await?;
        }
        audit::record(&mut tx, &actor.name, "class.vote", class, &vote.id, now).await?;
        tx.commit().await?;
        Ok((vote, reached.len()))
    }

    /// Casts a ballot, or changes it, in the caller's transaction. `topic` is from 0.
    pub async fn cast(
        &self,
        tx: &mut Tx,
        vote: &str,
        topic: usize,
        channel: ChannelKind,
        person: &str,
        now: Timestamp,
    ) -> Result<Voted, Refused> {
        let Some(vote) = votes::get(tx, vote).await? else { return Ok(Voted::NoSuchTopic) };
        let Some(chosen) = vote.topics.get(topic) else { return Ok(Voted::NoSuchTopic) };
        if now >= vote.closes_at {
            return Ok(Voted::Closed);
        }
        votes::cast(tx, &vote.id, channel, person, i64::try_from(topic).unwrap_or(0), now).await?;
        Ok(Voted::Counted(chosen.clone(), vote.closes_at))
    }

    /// One vote, and what a person voted for, from 0.
    pub async fn vote(&self, id: &str, channel: ChannelKind, person: Option<&str>) -> Result<(Vote, Option<usize>), Refused> {
        let mut conn = self.store.read().await?;
        let vote = votes::get(&mut conn, id).await?.ok_or(Refused::NotFound("投票"))?;
        let mine = match person {
            Some(person) => votes::ballot_of(&mut conn, id, channel, person).await?,
            None => None,
        };
        Ok((vote, mine.and_then(|topic| usize::try_from(topic).ok())))
    }

    /// The vote of a class that runs.
    pub async fn open_vote(&self, class: &str, now: Timestamp) -> Result<Option<String>, Refused> {
        let votes = votes::of_class(&mut *self.store.read().await?, class).await?;
        Ok(votes.into_iter().find(|vote| now < vote.closes_at).map(|vote| vote.id))
    }

    /// The votes of a class with their results so far.
    pub async fn vote_results(&self, class: &str) -> Result<Vec<VoteResult>, Refused> {
        let mut conn = self.store.read().await?;
        let mut results = Vec::new();
        for vote in votes::of_class(&mut conn, class).await? {
            let counted = votes::count(&mut conn, &vote.id).await?;
            let ballots = |topic: i64| counted.iter().find(|(counted, _)| *counted == topic).map_or(0, |(_, many)| *many);
            let topics = (0..).zip(vote.topics).map(|(number, topic)| TopicResult { ballots: ballots(number), topic }).collect();
            results.push(VoteResult { id: vote.id, closes_at: vote.closes_at, topics });
        }
        Ok(results)
    }
}
