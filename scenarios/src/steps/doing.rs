//! What a kind asks of a step while it is compiled, answered by its task and the names of the scenario.
//!
//! It stands apart from the table of kinds: that is what steps are read by, and names are found in what was read.

use punctual_model::{
    ClientId, CursorRule, EventId, FileId, NodeId, PolicyId, RowId, SignalId, StatusId, StoreId, TaskId,
};

use super::OfTask;
use crate::form::{At, Doing, Step, Text};
use crate::guard::IdsForm;
use crate::problem::Findings;

impl Doing for OfTask<'_, '_, '_> {
    fn step(&self) -> &Step {
        self.step
    }

    fn name(&self) -> &str {
        self.name
    }

    fn first_inside(&self) -> usize {
        self.first_inside
    }

    fn serves(&self) -> Option<&Text> {
        self.steps.task.serves.as_ref()
    }

    fn findings(&self) -> &Findings<'_> {
        self.steps.findings
    }

    fn client(&self, name: &Text) -> ClientId {
        ClientId(self.steps.scope.clients.find(self.findings(), name))
    }

    fn event(&self, name: &Text) -> EventId {
        EventId(self.steps.scope.events.find(self.findings(), name))
    }

    fn file(&self, name: &Text) -> FileId {
        FileId(self.steps.scope.files.find(self.findings(), name))
    }

    fn node(&self, name: &Text) -> NodeId {
        NodeId(self.steps.scope.nodes.find(self.findings(), name))
    }

    fn policy(&self, name: &Text) -> PolicyId {
        PolicyId(self.steps.scope.policies.find(self.findings(), name))
    }

    fn row(&self, name: &Text) -> RowId {
        RowId(self.steps.scope.rows.find(self.findings(), name))
    }

    fn signal(&self, name: &Text) -> SignalId {
        SignalId(self.steps.scope.signals.find(self.findings(), name))
    }

    fn status(&self, name: &Text) -> StatusId {
        StatusId(self.steps.scope.statuses.find(self.findings(), name))
    }

    fn store(&self, name: &Text) -> StoreId {
        StoreId(self.steps.scope.stores.find(self.findings(), name))
    }

    fn task(&self, name: &Text) -> TaskId {
        TaskId(self.steps.scope.tasks.find(self.findings(), name))
    }

    fn known_client(&self, name: &str) -> Option<ClientId> {
        self.steps.scope.clients.id(name).map(ClientId)
    }

    fn store_or_only(&self, named: Option<&Text>, place: &Text) -> StoreId {
        self.steps.store(named, place)
    }

    fn has_given_ids(&self, store: StoreId) -> bool {
        self.steps.stores.get(usize::from(store.0)) == Some(&IdsForm::Given)
    }

    fn given_id(&self, store: StoreId, id: Option<&At<u32>>, place: &Text) -> Option<u32> {
        self.steps.given_id(store, id, place)
    }

    fn cursor(&self, rule: &Text, into: Option<StoreId>) -> CursorRule {
        self.steps.cursor(rule, into)
    }
}
