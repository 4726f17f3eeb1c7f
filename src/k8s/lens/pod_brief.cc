#include "k8s/lens/pod_brief.h"

#include <optional>
#include <utility>

#include "k8s/lens/read_meta.ipp"

namespace annals::k8s {
namespace {

struct Condition {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;
};

// What is put together once all of the pod was read, for its parts come in any order.
struct Parts {
  PodBrief brief;
  ObjectMeta meta;  // where read_view() looks for it
  std::optional<Condition> ready;
  std::optional<Condition> scheduled;
  std::string init_waits;  // "name: reason" of the first container that waits for something unusual
  std::string waits;
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

void take_container(std::string& waits, ondemand::value status) {
  std::string name;
  std::string reason;
  each_field(status, [&](std::string_view key, ondemand::value value) {
    if (key == "name") name = text_of(value);
    each_field_of("state", key, value, [&](std::string_view kind, ondemand::value detail) {
      each_field_of("waiting", kind, detail, [&](std::string_view part, ondemand::value text) {
        if (part == "reason") reason = text_of(text);
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

MemberBrief read_member(std::string_view annotation) {
  MemberBrief member;
  std::string replication;
  std::string role;
  bool pending = false;
  JsonReader reader;
  const Result<void> read = read_object(reader, annotation, [&](ondemand::object& root) {
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
  if (role == "uninitialized" && member.state == "stopped") member.state = std::move(role);
  if (pending && member.pending_restart.empty()) member.pending_restart = "a parameter";
  return member;
}

void take_pod_meta(Parts& parts, std::string_view key, ondemand::value value) {
  if (key == "annotations") {
    each_field(value, [&parts](std::string_view name, ondemand::value text) {
      if (name == "status") parts.brief.member = read_member(text_of(text));
    });
    return;
  }
  if (key != "labels") {
    (void)take_meta_field(key, value, parts.meta);
    return;
  }
  each_field(value, [&parts](std::string_view name, ondemand::value text) {
    if (name == "controller-revision-hash") parts.brief.revision = text_of(text);
    take_label(name, text, parts.meta);
  });
}

void take_field(Parts& parts, std::string_view part, ondemand::value value) {
  each_field_of("metadata", part, value, [&parts](std::string_view key, ondemand::value inner) {
    take_pod_meta(parts, key, inner);
  });
  each_field_of("spec", part, value, [&parts](std::string_view key, ondemand::value inner) {
    if (key == "nodeName") parts.brief.node = text_of(inner);
  });
  each_field_of("status", part, value, [&parts](std::string_view key, ondemand::value inner) {
    const auto into = [](std::string& waits) {
      return [&waits](ondemand::value status) { take_container(waits, status); };
    };
    if (key == "phase") parts.brief.phase = text_of(inner);
    if (key == "conditions") {
      each_element(inner, [&parts](ondemand::value one) { take_condition(parts, one); });
    }
    if (key == "initContainerStatuses") each_element(inner, into(parts.init_waits));
    if (key == "containerStatuses") each_element(inner, into(parts.waits));
  });
}

// It cannot be placed, or the first container that waits says why.
std::string problem_of(const Parts& parts) {
  if (parts.scheduled && parts.scheduled->status == "False") {
    return concat(parts.scheduled->reason, ": ", parts.scheduled->message);
  }
  return parts.init_waits.empty() ? parts.waits : parts.init_waits;
}

}  // namespace

Result<PodBrief> read_pod_brief(JsonReader& reader, std::string_view object) {
  Result<Parts> parts = read_view<Parts>(reader, object, take_field);
  if (!parts) return fail(std::move(parts).error());
  PodBrief brief = std::move(parts->brief);
  brief.ready = parts->ready && parts->ready->status == "True";
  brief.problem = problem_of(*parts);
  brief.meta = std::move(parts->meta);
  return brief;
}

}  // namespace annals::k8s
