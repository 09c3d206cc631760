//! What was seen of an invariant with a limit, and by how much it is off.

use punctual_model::Allowed;
use punctual_reports::text;

use super::said::requests_are;
use super::{Cause, TimedOut, Why};
use crate::story::{FactId, Story, span, time};

impl Why {
    /// What was observed, and by how much that is off; of an invariant with a limit.
    pub fn figures(&self, story: &Story<'_>) -> (Option<String>, Option<String>) {
        let at = |place: FactId| story.at(place);
        let over = |limit: u64, observed: u64| text::duration(observed.saturating_sub(limit));
        match (&self.cause, self.rule.limit()) {
            (Cause::Late { published, arrived }, Some(Allowed::Within(limit))) => {
                let delay = at(*arrived) - at(*published);
                (Some(span(delay)), Some(format!("{} too late", over(limit.0, delay.0))))
            }
            (Cause::Lost(_), Some(Allowed::Within(_))) => (Some("never delivered".into()), None),
            (Cause::TooMany(requests), Some(Allowed::AtMost(bound))) => {
                let beyond = requests.len().saturating_sub(bound as usize);
                let observed = format!("{} {} in a run", requests.len(), requests_are(story));
                (Some(observed), Some(format!("{beyond} too many")))
            }
            (Cause::CameBack { over, back, .. }, _) => {
                (Some(format!("connects again {} after the job", span(at(*back) - at(*over)))), None)
            }
            (Cause::EndsLate { over: job, closed, .. }, Some(Allowed::Within(limit))) => {
                let later = at(*closed) - at(*job);
                let margin = format!("{} too late", over(limit.0, later.0));
                (Some(format!("{} after the job", span(later))), Some(margin))
            }
            (Cause::StaysOpen { over }, _) => {
                let open = span(story.ended_at - at(*over));
                (Some(format!("still open {open} after the job, when the run ends")), None)
            }
            (Cause::TimedOut(timed_out), _) => self.of_timer(story, timed_out),
            _ => (None, None),
        }
    }

    /// When a timer fires, and how much later what would stop it comes.
    fn of_timer(&self, story: &Story<'_>, timed_out: &TimedOut) -> (Option<String>, Option<String>) {
        let Some(client) = self.breach.client else { return (None, None) };
        let fired = story.at(timed_out.fired);
        let timer = &story.system.clients[usize::from(client.0)].timers[usize::from(timed_out.timer.0)];
        let margin = timed_out.stopper.and_then(|(what, arrives)| {
            Some(format!("{} arrives {} too late", story.event(what), span(story.at(arrives?) - fired)))
        });
        (Some(format!("{} fires at {}", timer.name, time(fired))), margin)
    }
}
