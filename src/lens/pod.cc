#include "lens/pod.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "k8s/lens/read_meta.ipp"
#include "lens/label.h"
#include "lens/receipt.h"
#include "lens/safe.h"

namespace annals::lens {
namespace {

namespace ondemand = k8s::ondemand;
using k8s::each_element;
using k8s::each_field;
using k8s::each_field_of;
using k8s::flag_of;
using k8s::number_of;
using k8s::text_of;

constexpr std::size_t kLacksMax = 2000;

struct Condition {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;
};

// What is put together once all of the pod was read, for its parts come in any order.
struct Parts {
  k8s::ObjectMeta meta;
  fsm::PodObserved fact;
  std::optional<Condition> ready;
  std::optional<Condition> scheduled;
  std::string init_waits;  // "name: reason" of the first container that waits for something unusual
  std::string waits;
  std::string lacks;        // of the source of a standby that is to be copied
  std::string job;          // whose pod it is
  bool is_replica = false;  // by Patroni's own word
  std::optional<fsm::ContainerEnd> end;
};

void take_condition(Parts& parts, ondemand::value value) {
  Condition condition;
  each_field(value, [&condition](std::string_view key, ondemand::value inner) {
    if (key == "type") condition.type = text_of(inner);
    if (key == "status") condition.status = text_of(inner);
    if (key == "reason") condition.reason = text_of(inner);
    if (key == "message") condition.message = text_of(inner);
  });
  if (condition.type == "Ready" && !parts.ready) parts.ready = condition;
  if (condition.type == "PodScheduled" && !parts.scheduled) parts.scheduled = std::move(condition);
}

void take_end(std::optional<fsm::ContainerEnd>& end, std::string_view part, ondemand::value value) {
  if (!end) end.emplace();
  if (part == "exitCode") end->exit_code = number_of(value);
  if (part == "message") end->message = text_of(value);
}

void take_container(std::string& waits, std::optional<fsm::ContainerEnd>& end,
                    ondemand::value status) {
  std::string name;
  std::string reason;
  each_field(status, [&](std::string_view key, ondemand::value value) {
    if (key == "name") name = text_of(value);
    each_field_of("state", key, value, [&](std::string_view kind, ondemand::value detail) {
      each_field_of("waiting", kind, detail, [&](std::string_view part, ondemand::value text) {
        if (part == "reason") reason = text_of(text);
      });
      each_field_of("terminated", kind, detail, [&](std::string_view part, ondemand::value inner) {
        take_end(end, part, inner);
      });
    });
  });
  const bool usual = reason.empty() || reason == "PodInitializing" || reason == "ContainerCreating";
  if (!usual && waits.empty()) waits = concat(name, ": ", reason);
}

// {"max_connections":{"old_value":"100","new_value":"200"}}
void take_restart_reasons(std::string& text, ondemand::value reasons) {
  each_field(reasons, [&text](std::string_view parameter, ondemand::value change) {
    std::string before;
    std::string after;
    each_field(change, [&](std::string_view key, ondemand::value value) {
      if (key == "old_value") before = text_of(value);
      if (key == "new_value") after = text_of(value);
    });
    text += concat(text.empty() ? "" : ", ", parameter, " ", before, " -> ", after);
  });
}

// What Patroni says of its member in the annotation "status": the pod writes that itself, so what
// cannot be read is absent.
struct MemberBrief {
  // "streaming" or "in archive recovery" of a replica, "uninitialized" of one that has no database
  // and makes none, else "running", "stopped", ...
  std::string state;
  std::int64_t timeline = 0;
  std::string pending_restart;  // "max_connections 100 -> 200, ..."; or empty
  bool standby_leader = false;
  bool replica = false;
};

MemberBrief read_member(std::string_view annotation) {
  MemberBrief member;
  std::string replication;
  std::string role;
  bool pending = false;
  k8s::JsonReader reader;
  const Result<void> read = k8s::read_object(reader, annotation, [&](ondemand::object& root) {
    each_field(root, [&](std::string_view key, ondemand::value value) {
      if (key == "state") member.state = text_of(value);
      if (key == "replication_state") replication = text_of(value);
      if (key == "role") role = text_of(value);
      if (key == "timeline") member.timeline = number_of(value);
      if (key == "pending_restart") pending = flag_of(value);
      if (key == "pending_restart_reason") take_restart_reasons(member.pending_restart, value);
    });
  });
  if (!read) return {};
  if (!replication.empty()) member.state = std::move(replication);
  member.standby_leader = role == "standby_leader";
  member.replica = role == "replica";
  if (role == fsm::kNoDatabase && member.state == "stopped") member.state = std::move(role);
  if (pending && member.pending_restart.empty()) member.pending_restart = "a parameter";
  return member;
}

void take_member(Parts& parts, MemberBrief member) {
  fsm::PodObserved& fact = parts.fact;
  parts.is_replica = member.replica;
  fact.member = safe(std::move(member.state));
  fact.timeline = member.timeline;
  fact.pending_restart = safe(std::move(member.pending_restart));
  fact.standby_leader = member.standby_leader;
}

void take_pod_meta(Parts& parts, std::string_view key, ondemand::value value) {
  if (key == "annotations") {
    each_field(value, [&parts](std::string_view name, ondemand::value text) {
      if (name == "status") take_member(parts, read_member(text_of(text)));
      if (name == manifests::annotation::kSourceLacks)
        parts.lacks = safe_words(text_of(text), kLacksMax);
    });
    return;
  }
  if (key != "labels") {
    (void)k8s::take_meta_field(key, value, parts.meta);
    return;
  }
  each_field(value, [&parts](std::string_view name, ondemand::value text) {
    if (name == "controller-revision-hash") parts.fact.revision = safe(text_of(text));
    if (name == "job-name") parts.job = text_of(text);
    k8s::take_label(name, text, parts.meta, kLabelPrefix);
  });
}

void take_field(Parts& parts, std::string_view part, ondemand::value value) {
  each_field_of("metadata", part, value, [&parts](std::string_view key, ondemand::value inner) {
    take_pod_meta(parts, key, inner);
  });
  each_field_of("spec", part, value, [&parts](std::string_view key, ondemand::value inner) {
    if (key == "nodeName") parts.fact.node = safe(text_of(inner));
  });
  each_field_of("status", part, value, [&parts](std::string_view key, ondemand::value inner) {
    const auto into = [](std::string& waits, std::optional<fsm::ContainerEnd>& end) {
      return [&](ondemand::value status) { take_container(waits, end, status); };
    };
    std::optional<fsm::ContainerEnd> init_end;  // nobody asks for it
    if (key == "phase") parts.fact.phase = safe(text_of(inner));
    if (key == "conditions") {
      each_element(inner, [&parts](ondemand::value one) { take_condition(parts, one); });
    }
    if (key == "initContainerStatuses") each_element(inner, into(parts.init_waits, init_end));
    if (key == "containerStatuses") each_element(inner, into(parts.waits, parts.end));
  });
}

// Its first line, if it ended well: "receipt {...}".
std::optional<fsm::Receipt> receipt_of_end(const fsm::ContainerEnd& end) {
  constexpr std::string_view kBegin = "receipt ";
  const std::string_view line = std::string_view(end.message).substr(0, end.message.find('\n'));
  if (end.exit_code != 0 || !line.starts_with(kBegin)) return std::nullopt;
  Result<fsm::Receipt> receipt = read_receipt(line.substr(kBegin.size()));
  return receipt ? std::optional(*std::move(receipt)) : std::nullopt;
}

// Only the Jobs that work on repositories are asked how they ended.
void take_job(PodView& view, Parts& parts) {
  const auto& labels = view.meta.labels;
  const bool is_asked = labels.contains("pgbackrest-restore") ||
                        labels.contains("pgbackrest-backup") || labels.contains("restore-drill") ||
                        labels.contains("shutdown-receipt");
  if (!is_asked) return;
  view.fact.job = safe(std::move(parts.job));
  view.fact.end = std::move(parts.end);
  if (!view.fact.end) return;
  if (labels.contains("shutdown-receipt")) view.fact.end->receipt = receipt_of_end(*view.fact.end);
  view.fact.end->message = safe(std::move(view.fact.end->message));
}

// Patroni labels whoever holds its lock. One that is not promoted yet is a replica, and may give
// the lock back.
std::string role_of(const PodView& view, const Parts& parts) {
  std::string role = label_of(view.meta, "role");
  return role == "master" && parts.is_replica ? "replica" : safe(std::move(role));
}

// It cannot be placed, or the first container that waits says why, or a standby's first copy.
std::string problem_of(const Parts& parts) {
  if (parts.scheduled && parts.scheduled->status == "False") {
    return concat(parts.scheduled->reason, ": ", parts.scheduled->message);
  }
  if (!parts.init_waits.empty()) return parts.init_waits;
  return parts.waits.empty() ? parts.lacks : parts.waits;
}

}  // namespace

std::string mark_of(const PodView& view) { return cluster_of(view.meta); }

// A field that is added to a fact does not compile here until it is named.
void add_to(k8s::Fingerprint& fingerprint, const PodView& view) {
  const auto& [name, uid, instance, node, phase, role, problem, ready, deleting, revision, member,
               timeline, pending_restart, job, end, standby_leader] = view.fact;
  fingerprint.add(name).add(uid).add(instance).add(node).add(phase).add(role).add(problem);
  fingerprint.add(ready).add(deleting).add(revision).add(member).add(timeline);
  fingerprint.add(pending_restart).add(job).add(end.has_value()).add(standby_leader);
  if (end) fingerprint.add(end->exit_code).add(end->message);
}

Result<PodView> read_pod_view(k8s::JsonReader& reader, std::string_view object) {
  Result<Parts> parts = k8s::read_view<Parts>(reader, object, take_field);
  if (!parts) return fail(std::move(parts).error());
  PodView view{.meta = std::move(parts->meta), .fact = std::move(parts->fact)};
  view.fact.name = view.meta.key.name;
  view.fact.uid = view.meta.key.uid;
  view.fact.instance = safe(label_of(view.meta, "instance"));
  view.fact.role = role_of(view, *parts);
  view.fact.deleting = view.meta.deleting();
  view.fact.ready = parts->ready && parts->ready->status == "True";
  view.fact.problem = safe(problem_of(*parts));
  take_job(view, *parts);
  return view;
}

}  // namespace annals::lens
