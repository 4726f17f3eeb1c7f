// What a state is packed into gives the same state again, whatever its texts and numbers are.
#include "fsm/codec/state_pack.h"

#include <gtest/gtest.h>

#include <limits>

#include "fsm/codec/state_codec.h"
#include "fsm/machine.h"
#include "fsm/text/sentence.h"

namespace annals::fsm {
namespace {

const std::string kDigest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const std::string kUid = "de2c530a-3d77-4087-b18e-37692d68459b";

const std::vector<std::string>& texts() {
  static const std::vector<std::string> kTexts{"",
                                               "a",
                                               "deadbeefdeadbeef",
                                               "deadbeefdeadbee",
                                               "deadbeefdeadbeefd",
                                               "DEADBEEFDEADBEEF",
                                               kDigest,
                                               "9" + kDigest,
                                               kUid,
                                               "de2c530a-3d77-4087-b18e-37692d68459B",
                                               "de2c530a-3d77-4087-b18e.37692d68459b",
                                               "de2c530a03d77-4087-b18e-37692d68459b",
                                               std::string(36, '-'),
                                               std::string("\0\xff no UTF-8\n", 13),
                                               std::string(5000, 'x')};
  return kTexts;
}

template <class T>
T with(auto change) {
  T made;
  change(made);
  return made;
}

std::vector<Action> actions() {
  const ObjectRef ref{.api_version = "v1", .kind = "Secret", .name_space = "zoo", .name = "hippo"};
  manifests::UserSecret user;
  user.secret.labels = {{"a", "b"}};
  user.pgbouncer = manifests::Address{.host = "h", .port = 5432};
  manifests::CertificateSecret certificates;
  certificates.leaves.push_back(with<manifests::Leaf>([](auto& leaf) { leaf.dns_names = {"d"}; }));
  certificates.also_trusts.emplace_back().optional = true;
  RunSql sql;
  sql.users.push_back({.name = "u", .secret = "s", .databases = {"a", "b"}, .options = ""});
  return {ApplyObject{.ref = ref, .digest = kDigest, .manifest = "{}"},
          PatchStatus{.ref = ref, .digest = kDigest, .manifest = "{}"},
          with<DeleteObject>([](auto& x) { x.guard.other_copy = literal("b"); }),
          SetFinalizer{.ref = ref, .digest = kUid, .present = false},
          with<WriteConfiguration>([](auto& x) { x.configuration = "{}"; }),
          with<ConfigurePatroni>([](auto& x) { x.configuration = "{}"; }),
          with<AskPatroni>([](auto& x) { x.host = "h"; }),
          with<SwitchOver>([](auto& x) { x.forced = true; }),
          with<RestartPostgres>([](auto& x) { x.pod = "p"; }),
          with<Checkpoint>([](auto& x) { x.port = -1; }),
          with<RunInitSql>([](auto& x) { x.forget = true; }),
          with<EmitEvent>([](auto& x) { x.warning = true; }),
          with<ReadCollations>([](auto& x) { x.request = "r"; }),
          with<ReadArchiver>([](auto& x) { x.spool = "s"; }),
          with<ReadStandby>([](auto& x) {
            x.repos = {"repo1"};
            x.source.user = "u";
            x.awaited_lsn = ~std::uint64_t{0};
          }),
          with<WithdrawReceipt>([](auto& x) { x.repo = "repo1"; }),
          sql,
          EnsureSecret{.ref = ref, .digest = kDigest, .recipe = user},
          EnsureSecret{.ref = ref, .digest = kDigest, .recipe = certificates},
          EnsureSecret{.ref = ref, .digest = "", .recipe = manifests::RootAuthority()}};
}

constexpr Timestamp kPackedTime(std::chrono::microseconds(1'700'000'000'123'456));

void add_texts(ClusterState& state) {
  for (const std::string& text : texts()) {
    const ObjectRef ref{.api_version = "v1", .kind = "Pod", .name_space = "zoo", .name = text};
    ObjectObserved& object = state.objects[ref];
    object.ref = ref;
    object.uid = text;
    object.fields.patroni = {{.initialize = text, .config = std::nullopt, .leader = text}};
    object.fields.job = {{.active = std::numeric_limits<std::int64_t>::min(), .failed = text}};
    object.version = ~std::uint64_t{0};
    state.pods[text].timeline = std::numeric_limits<std::int64_t>::min();
    state.instances["a"].push_back(text);
    state.repairs[text] = {kPackedTime, Timestamp() - Duration(1)};
  }
}

ClusterState full_state() {
  ClusterState state = initial_state(ClusterUid(kUid));
  state.now = kPackedTime;
  state.config.emplace().behaviour = -1;
  state.spec.emplace().generation = -7;
  add_texts(state);
  for (Action& action : actions())
    state.pending.emplace(IntentId(state.pending.size() + 1), std::move(action));
  state.last_intent = IntentId(1000);
  state.operation = Startup{.reason = literal("r"), .since = kPackedTime};
  state.goals_since["startup"]["primary-started"] = kPackedTime;
  state.members.emplace().members["p"] = {.role = "leader", .state = "running", .lag = -1};
  state.collations.emplace().found.unseen["d"] = "e";
  state.collations->found.databases.push_back(
      {.name = "d", .recorded = "1", .indexes = {"i"}, .index_count = -1});
  state.archiver.emplace().its.failure = ArchiveFailure{.segment = "0", .count = -1, .code = 45};
  StandbySeen& standby = state.standby.emplace();
  standby.its.received_lsn = ~std::uint64_t{0};
  standby.its.receiver = WalReceiver{.status = "streaming", .heard_at = kPackedTime};
  standby.its.source.state = SourceState::kWrites;
  standby.its.receipts.push_back({.repo = "repo1", .receipt = Receipt{.timeline = 3}});
  state.role.permit = PromotionPermit{.text = "t", .writer = "w"};
  state.repository_errors["repo1"] = {.text = "t", .at = kPackedTime, .job_start = "s"};
  state.stopped = {"b", "a"};
  state.receipt.emplace().its = Receipt{.cluster = "a/b", .checkpoint_lsn = ~std::uint64_t{0}};
  state.receipt->written["repo1"] = "place";
  state.stale_receipts = {"repo2"};
  state.handled_trigger = "";
  state.event_outbox.emplace_back().warning = true;
  state.blockers["switchover"].deadline = kPackedTime;
  state.conditions["Ready"].changed = kPackedTime;
  return state;
}

TEST(StatePackTest, EveryTextAndNumberComesBack) {
  const ClusterState state = full_state();
  const ClusterState back = unpack_state(pack_state(state));
  EXPECT_EQ(encode_state(back), encode_state(state));
  EXPECT_EQ(back.objects, state.objects);
  EXPECT_EQ(back.pods, state.pods);
  EXPECT_EQ(back.instances, state.instances);
  EXPECT_EQ(back.repairs, state.repairs);
  EXPECT_EQ(back.pending, state.pending);
  EXPECT_EQ(back.operation, state.operation);
  EXPECT_EQ(back.members, state.members);
  EXPECT_EQ(back.collations, state.collations);
  EXPECT_EQ(back.archiver, state.archiver);
  EXPECT_EQ(back.standby, state.standby);
}

TEST(StatePackTest, WhatWasThereBeforeIsNoneOfIt) {
  EXPECT_EQ(encode_state(unpack_state(pack_state(initial_state(ClusterUid("u"))))),
            encode_state(initial_state(ClusterUid("u"))));
}

TEST(StatePackTest, DigestsAndUidsTakeTheBytesOfTheirNumbers) {
  ClusterState state = initial_state(ClusterUid("u"));
  const std::size_t without = pack_state(state).size();
  state.written["a"] = {.asked = kDigest, .result = kUid};
  EXPECT_LE(pack_state(state).size() - without, 2U + (2U + 32U) + (2U + 16U));
}

TEST(StatePackDeathTest, BytesThatNobodyPackedAreABug) {
  const std::string packed = pack_state(full_state());
  EXPECT_DEATH(unpack_state(packed.substr(0, packed.size() - 1)), "ends too soon");
  EXPECT_DEATH(unpack_state(packed + "x"), "behind its end");
}

}  // namespace
}  // namespace annals::fsm
