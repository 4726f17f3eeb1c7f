// What the stored form of a struct cannot be told from the struct itself: the one table that the
// codec looks into. A new struct or member needs no line here: a member is written by its name in
// camel case where it holds something else than a new struct does, and what a record lacks is as in
// a new struct.
//
// No line here may be changed or removed: it says what stands in old records, and in new ones byte
// for byte the same.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "fsm/codec/codec.h"
#include "fsm/codec/members.h"
#include "fsm/model/decision.h"
#include "fsm/model/intent.h"
#include "fsm/model/operation.h"
#include "fsm/model/state.h"

namespace annals::fsm {

// Stored names of members, with blanks between.
struct Form {
  std::string_view always{};  // in every record, whatever they hold: one without them is corrupt
  std::string_view later{};   // in every record but older ones
  std::string_view apart{};   // texts that are stored once, by their digests, and not in records
  std::string_view among_fields{};  // a map of texts that stands in the member "fields" as well
};
template <class T>
inline constexpr Form kForm{};

// clang-format off
template <> inline constexpr Form kForm<ObjectRef>{.always = "apiVersion kind namespace name"};
template <> inline constexpr Form kForm<Actor>{.always = "manager operation time"};

// Facts.
template <> inline constexpr Form kForm<OperatorStarted>{.always = "identity journalReset"};
template <> inline constexpr Form kForm<OperatorConfigured>{
    .always = "version namespace images", .later = "behaviour served"};
template <> inline constexpr Form kForm<SpecObserved>{
    .always = "namespace name generation deleting resource actor", .later = "finalized"};
template <> inline constexpr Form kForm<ServerSeen>{.always = "trouble"};
template <> inline constexpr Form kForm<ObjectObserved>{
    .always = "ref uid digest fields actor", .later = "version"};
template <> inline constexpr Form kForm<ObjectGone>{.always = "ref uid"};
template <> inline constexpr Form kForm<PodObserved>{
    .always = "name uid instance node phase role problem ready deleting",
    .later = "revision member timeline pendingRestart"};
template <> inline constexpr Form kForm<PodGone>{.always = "name uid"};
template <> inline constexpr Form kForm<TimerFired>{.always = "name"};
template <> inline constexpr Form kForm<Outcome>{
    .always = "intent status detail uid digest fields", .later = "version target asked",
    .among_fields = "members"};

// Decisions and intents.
template <> inline constexpr Form kForm<Predicate>{.always = "name value holds"};
template <> inline constexpr Form kForm<Decision>{
    .always = "machine transition reason inputs intents"};
template <> inline constexpr Form kForm<IntentRecord>{.always = "id target digest"};
template <> inline constexpr Form kForm<ApplyObject>{
    .always = "ref digest manifest", .apart = "manifest"};
template <> inline constexpr Form kForm<EnsureSecret>{.always = "ref digest recipe"};
template <> inline constexpr Form kForm<SqlUser>{.always = "name secret databases options"};
template <> inline constexpr Form kForm<CustomTlsIdentity>{
    .always = "authoritiesSecret certificateSecret certificateKey"};
template <> inline constexpr Form kForm<RunSql>{
    .always = "digest host port authoritySecret databases users"};
template <> inline constexpr Form kForm<PatchStatus>{
    .always = "ref digest manifest", .apart = "manifest"};
template <> inline constexpr Form kForm<Guard>{.always = "lost otherCopy allowedBy"};
template <> inline constexpr Form kForm<DeleteObject>{
    .always = "ref digest guard", .later = "onlyAs"};
template <> inline constexpr Form kForm<SetFinalizer>{.always = "ref digest present"};
template <> inline constexpr Form kForm<ConfigurePatroni>{
    .always = "ref digest host authoritySecret configuration", .apart = "configuration"};
template <> inline constexpr Form kForm<WriteConfiguration>{
    .always = "ref lock digest configuration", .apart = "configuration"};
template <> inline constexpr Form kForm<AskPatroni>{.always = "digest host authoritySecret"};
template <> inline constexpr Form kForm<SwitchOver>{
    .always = "digest host authoritySecret leader candidate forced"};
template <> inline constexpr Form kForm<RestartPostgres>{
    .always = "digest pod host authoritySecret"};
template <> inline constexpr Form kForm<Checkpoint>{.always = "digest host port authoritySecret"};
template <> inline constexpr Form kForm<RunInitSql>{
    .always = "digest pod container configMap key mark forget"};
template <> inline constexpr Form kForm<EmitEvent>{.always = "ref digest warning reason message"};

// Recipes of Secrets.
template <> inline constexpr Form kForm<manifests::SecretObject>{
    .always = "name namespace labels annotations ownership"};
template <> inline constexpr Form kForm<manifests::RootAuthority>{
    .always = "secret certificateKey privateKeyKey commonName"};
template <> inline constexpr Form kForm<manifests::SecretFile>{.always = "key content"};
template <> inline constexpr Form kForm<manifests::Leaf>{
    .always = "commonName dnsNames server client files"};
template <> inline constexpr Form kForm<manifests::CustomTlsCertificate>{
    .always = "field secret certificateKey privateKeyKey authorityKey commonName optional"};
template <> inline constexpr Form kForm<manifests::CertificateSecret>{
    .always = "secret authority leaves"};
template <> inline constexpr Form kForm<manifests::Address>{.always = "host port"};
template <> inline constexpr Form kForm<manifests::CopiedSecret>{
    .always = "secret fromNamespace from keys"};
template <> inline constexpr Form kForm<manifests::UserSecret>{
    .always = "secret user database address passwordType"};

// Operations.
template <> inline constexpr Form kForm<RollingUpdate>{.always = "reason since"};
template <> inline constexpr Form kForm<ScaleDown>{.always = "reason since set instance"};
template <> inline constexpr Form kForm<Switchover>{
    .always = "reason since trigger from target forced"};
template <> inline constexpr Form kForm<Restart>{.always = "reason since"};
template <> inline constexpr Form kForm<Shutdown>{.always = "reason since"};
template <> inline constexpr Form kForm<Startup>{.always = "reason since"};
template <> inline constexpr Form kForm<Restore>{.always = "reason since"};
template <> inline constexpr Form kForm<PlainOperation>{.always = "name reason since"};
template <> inline constexpr Form kForm<LeaderMove>{.always = "from to asked"};
template <> inline constexpr Form kForm<MemberSeen>{.always = "role state"};
template <> inline constexpr Form kForm<MembersSeen>{.always = "at members"};
template <> inline constexpr Form kForm<Retired>{.always = "set since reason"};

// The state.
template <> inline constexpr Form kForm<Attempts>{.always = "made due"};
template <> inline constexpr Form kForm<StalledReplica>{.always = "recreated due"};
template <> inline constexpr Form kForm<Written>{.always = "asked result"};
template <> inline constexpr Form kForm<Retry>{.always = "failures due error"};
template <> inline constexpr Form kForm<Refusal>{.always = "asked error"};
template <> inline constexpr Form kForm<Blocker>{
    .always = "transition waitsFor cure since deadline"};
template <> inline constexpr Form kForm<PendingEvent>{.always = "reason message digest warning lasting"};
template <> inline constexpr Form kForm<Condition>{.always = "status reason message changed"};
template <> inline constexpr Form kForm<SpecChanges>{.always = "text actor"};
template <> inline constexpr Form kForm<BackupProgress>{.always = "phase attempt repositories"};
template <> inline constexpr Form kForm<ManualBackup>{
    .always = "phase id writer repo job mistake failure seen"};
template <> inline constexpr Form kForm<ClusterState>{
    .always = "uid now synced gone objects pods instances lastIntent pending written retries "
              "refused healed phase backup operation retired stopped startupInstance "
              "operatorChanged lenient told changes conditions"};

// Enumerators by their words, in their order; an enum that has none here is a number.
template <class E> inline constexpr std::array<std::string_view, 0> kWords{};
template <> inline constexpr auto kWords<OutcomeStatus> =
    std::to_array<std::string_view>({"done", "failed", "unknown"});
template <> inline constexpr auto kWords<ProvisionPhase> =
    std::to_array<std::string_view>({"New", "Preparing", "Starting", "Opening", "Done"});
template <> inline constexpr auto kWords<BackupPhase> =
    std::to_array<std::string_view>({"Stanza", "FirstBackup", "Done"});
template <> inline constexpr auto kWords<ManualBackupPhase> =
    std::to_array<std::string_view>({"Answered", "Waiting", "Running", "Succeeded", "Failed"});
template <> inline constexpr auto kWords<RestorePhase> =
    std::to_array<std::string_view>({"Answered", "Checking", "Stopping", "Restoring", "Restored",
                                     "Starting", "Succeeded", "Failed"});
template <> inline constexpr auto kWords<DrillPhase> =
    std::to_array<std::string_view>({"Answered", "Waiting", "Running", "Succeeded", "Failed"});
template <> inline constexpr auto kWords<manifests::Ownership> =
    std::to_array<std::string_view>({"controller", "shared"});
template <> inline constexpr auto kWords<manifests::Content> =
    std::to_array<std::string_view>(
        {"certificate", "private-key", "authority", "key-and-certificate"});
template <> inline constexpr auto kWords<spec::PasswordType> =
    std::to_array<std::string_view>({"ascii", "alphanumeric"});
// clang-format on

// Which alternative a variant holds: a member more, and its words in the order of the variant. A
// last alternative without a word has it among its own members, and is any other one.
template <class Variant>
struct Alternatives;
template <>
struct Alternatives<Action> {
  static constexpr std::string_view kTag = "type";
  static constexpr auto kWordOf = kActionTypes;
};
template <>
struct Alternatives<Operation> {
  static constexpr std::string_view kTag = "name";
  static constexpr auto kWordOf = kOperationNames;
};
template <>
struct Alternatives<manifests::SecretRecipe> {
  static constexpr std::string_view kTag = "kind";
  static constexpr auto kWordOf = std::to_array<std::string_view>(
      {"RootAuthority", "CertificateSecret", "UserSecret", "CopiedSecret"});
};

// A map whose values say themselves what they stand under is a list of them.
template <class Value>
inline constexpr std::nullptr_t kKeyIn{};
template <>
inline constexpr auto kKeyIn<ObjectObserved> = &ObjectObserved::ref;
template <>
inline constexpr auto kKeyIn<PodObserved> = &PodObserved::name;

// The fields of an object are texts under the names that kObjectFields gives them; one group of
// them alone is as an object's that has no other.
template <class T>
inline constexpr std::nullptr_t kGroupOfFields{};
template <>
inline constexpr auto kGroupOfFields<JobFields> = &ObjectFields::job;
template <class T>
concept GroupOfFields = !std::same_as<decltype(kGroupOfFields<T>), const std::nullptr_t>;

// A struct that is written as its only member is, null where that is empty.
template <class T>
inline constexpr bool kIsItsMember = false;
template <>
inline constexpr bool kIsItsMember<LagSeen> = true;

// Made from the rest again, and neither written nor packed.
template <class T>
inline constexpr bool kIsDerived = false;
template <>
inline constexpr bool kIsDerived<RenderedMemo> = true;
template <>
inline constexpr bool kIsDerived<std::shared_ptr<const RenderedStatus>> = true;

// Members whose stored name is not their own, in any struct. As it was declared once: the codec
// makes camel case of it.
constexpr std::string_view renamed(std::string_view name) {
  struct Renamed {
    std::string_view declared;
    std::string_view stored;
  };
  constexpr auto kRenamed = std::to_array<Renamed>({{"name_space", "namespace"},
                                                    {"namespace_name", "namespace"},
                                                    {"remedy", "cure"},
                                                    {"event_outbox", "untold"},
                                                    {"reported_events", "told"},
                                                    {"repairs", "healed"},
                                                    {"rollout_suppressed", "lenient"},
                                                    {"requeue_at", "look_again"},
                                                    {"leader_move", "hand_over"},
                                                    {"precondition", "only_as"},
                                                    {"state_carried_over", "goes_on"}});
  for (const Renamed& each : kRenamed) {
    if (each.declared == name) return each.stored;
  }
  return name;
}

}  // namespace annals::fsm
