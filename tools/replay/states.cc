#include "states.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "fsm/codec/state_codec.h"
#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "history/history.h"
#include "words.h"

namespace annals::replay {
namespace {

using nlohmann::json;

Result<fsm::ClusterState> state_at(const journal::Reader& reader, const ClusterUid& cluster,
                                   const std::optional<Point>& at) {
  if (!at) return history::fold(reader, cluster);
  const Result<Sequence> to = last_at(reader, *at);
  if (!to) return fail(to.error());
  return history::fold(reader, cluster, *to);
}

Result<fsm::ClusterState> requested(const journal::Reader& reader, const Names& names,
                                    const StateRequest& request) {
  const Result<ClusterUid> cluster = one_cluster(names, request.cluster);
  if (!cluster) return fail(cluster.error());
  return state_at(reader, *cluster, request.at);
}

std::string yes_or_no(bool value) { return value ? "yes" : "no"; }

void print_summary(const fsm::ClusterState& state, const Names& names, const Out& out) {
  Table table({"", ""});
  const auto row = [&](std::string title, std::string text, Colour colour = Colour::kNone) {
    table.add({{std::move(title), Colour::kDim}, {std::move(text), colour}});
  };
  row("cluster", concat(names.of(state.uid), " (", state.uid, ")"));
  row("as of", to_string(state.now));
  row("phase", to_string(state.phase), Colour::kYellow);
  row("initial list complete", yes_or_no(state.synced));
  row("deleted", yes_or_no(state.gone));
  if (state.config)
    row("operator",
        concat("version ", state.config->version, ", behaviour ", state.config->behaviour));
  if (state.spec)
    row("spec", concat("generation ", state.spec->generation,
                       state.spec->deleting ? ", being deleted" : ""));
  for (const auto& [machine, blocker] : fsm::blockers_of(state)) {
    row("waiting for", fsm::sentence(blocker->waits_for), Colour::kRed);
    row("since", to_string(blocker->since));
    row("deadline", to_string(blocker->deadline));
    row("remedy", remedy_of(*blocker));
  }
  for (const auto& [set, instances] : state.instances) {
    std::string all;
    for (const std::string& instance : instances) all += (all.empty() ? "" : ", ") + instance;
    row("instances of " + set, all);
  }
  table.print(out);
}

void print_parts(const fsm::ClusterState& state, const Out& out) {
  Table conditions({"CONDITION", "STATUS", "REASON", "MESSAGE"});
  for (const auto& [type, each] : state.conditions) {
    conditions.add({{type, Colour::kNone},
                    {each.status ? "True" : "False", Colour::kCyan},
                    {each.reason, Colour::kNone},
                    {fsm::sentence(each.message), Colour::kNone}});
  }
  Table pods({"POD", "PHASE", "READY", "ROLE", "NODE", "PROBLEM"});
  for (const auto& [name, pod] : state.pods) {
    pods.add({{name, Colour::kNone},
              {pod.phase, Colour::kNone},
              {yes_or_no(pod.ready), pod.ready ? Colour::kGreen : Colour::kRed},
              {pod.role, Colour::kNone},
              {pod.node, Colour::kNone},
              {pod.problem, Colour::kRed}});
  }
  Table pending({"INTENT", "TYPE", "TARGET"});
  for (const auto& [id, action] : state.pending) {
    pending.add({{to_string(id), Colour::kNone},
                 {fsm::type_of(action), Colour::kMagenta},
                 {fsm::target_of(action), Colour::kNone}});
  }
  Table retries({"RETRY OF", "FAILURES", "DUE", "ERROR"});
  for (const auto& [target, retry] : state.retries) {
    retries.add({{target, Colour::kNone},
                 {concat(retry.failures), Colour::kNone},
                 {to_string(retry.due), Colour::kNone},
                 {fsm::sentence(retry.error), Colour::kRed}});
  }
  Table objects({"OBJECT", "DIGEST", "UID"});
  for (const auto& [ref, object] : state.objects) {
    objects.add({{to_string(ref), Colour::kNone},
                 {object.digest.substr(0, 12), Colour::kDim},
                 {object.uid, Colour::kDim}});
  }
  for (const Table* table : {&conditions, &pods, &pending, &retries, &objects}) {
    if (table->empty()) continue;
    *out.text << "\n";
    table->print(out);
  }
}

json diff_json(const fsm::ClusterState& from, const fsm::ClusterState& to) {
  const json before = json::parse(fsm::encode_state(from));
  const json after = json::parse(fsm::encode_state(to));
  const json flat_before = before.flatten();
  const json flat_after = after.flatten();
  json changes = json::array();
  for (const auto& [path, value] : flat_before.items()) {
    if (!flat_after.contains(path)) {
      changes.push_back({{"path", path}, {"from", value}});
    } else if (flat_after.at(path) != value) {
      changes.push_back({{"path", path}, {"from", value}, {"to", flat_after.at(path)}});
    }
  }
  for (const auto& [path, value] : flat_after.items()) {
    if (!flat_before.contains(path)) changes.push_back({{"path", path}, {"to", value}});
  }
  return changes;
}

void print_changes(const json& changes, const Out& out) {
  for (const json& change : changes) {
    *out.text << change.at("path").get<std::string>() << "\n";
    if (change.contains("from"))
      *out.text << "  " << out.paint("- " + change.at("from").dump(), Colour::kRed) << "\n";
    if (change.contains("to"))
      *out.text << "  " << out.paint("+ " + change.at("to").dump(), Colour::kGreen) << "\n";
  }
}

json blocker_json(const fsm::ClusterState& state, const std::string& machine,
                  const fsm::Blocker& blocker) {
  return {{"machine", machine},
          {"transition", blocker.transition},
          {"waitsFor", fsm::sentence(blocker.waits_for)},
          {"cure", remedy_of(blocker)},
          {"since", to_string(blocker.since)},
          {"deadline", to_string(blocker.deadline)},
          {"overdue", blocker.deadline <= state.now}};
}

// `blocker` is the first of them.
json blockers_json(const fsm::ClusterState& state, const Names& names) {
  json retries = json::array();
  for (const auto& [target, retry] : state.retries) {
    retries.push_back({{"target", target},
                       {"failures", retry.failures},
                       {"due", to_string(retry.due)},
                       {"error", fsm::sentence(retry.error)}});
  }
  json line = {{"cluster", state.uid.value()},    {"name", names.of(state.uid)},
               {"phase", to_string(state.phase)}, {"asOf", to_string(state.now)},
               {"retries", std::move(retries)},   {"blocker", nullptr},
               {"blockers", json::array()}};
  for (const auto& [machine, blocker] : fsm::blockers_of(state))
    line["blockers"].push_back(blocker_json(state, machine, *blocker));
  if (!line["blockers"].empty()) line["blocker"] = line["blockers"].front();
  return line;
}

void add_rows(Table& table, const fsm::ClusterState& state, const Names& names) {
  const auto row = [&](const std::string& waits_for, Timestamp since, const std::string& until,
                       const std::string& remedy, Colour colour) {
    table.add({{names.of(state.uid), Colour::kNone},
               {to_string(state.phase), Colour::kYellow},
               {since == Timestamp{} ? "" : to_string(since), Colour::kDim},
               {until, colour},
               {waits_for, colour},
               {remedy, Colour::kCyan}});
  };
  for (const auto& [machine, blocker] : fsm::blockers_of(state)) {
    const bool overdue = blocker->deadline <= state.now;
    row(fsm::sentence(blocker->waits_for), blocker->since, to_string(blocker->deadline),
        remedy_of(*blocker), overdue ? Colour::kRed : Colour::kNone);
  }
  for (const auto& [target, retry] : state.retries) {
    row(concat(fsm::failures_in_words(retry), "retry of ", target, ": ",
               fsm::sentence(retry.error)),
        {}, to_string(retry.due), "none: retried automatically", Colour::kRed);
  }
}

}  // namespace

Result<ClusterUid> one_cluster(const Names& names, const std::string& text) {
  if (!text.empty()) {
    Result<std::vector<ClusterUid>> found = names.find(text);
    if (!found) return fail(std::move(found).error());
    return std::move(found->back());
  }
  if (names.all().size() == 1) return names.all().front();
  Result<std::vector<ClusterUid>> none = names.find("");
  const std::string which = none ? std::string() : none.error().detail;
  return fail(Errc::kNotFound, "no cluster given: ", which);
}

Result<void> print_state(const journal::Reader& reader, const Names& names,
                         const StateRequest& request, const Out& out) {
  const Result<fsm::ClusterState> state = requested(reader, names, request);
  if (!state) return fail(state.error());
  if (out.json) {
    *out.text << json::parse(fsm::encode_state(*state)).dump(2) << "\n";
    return {};
  }
  print_summary(*state, names, out);
  print_parts(*state, out);
  return {};
}

Result<void> print_hash(const journal::Reader& reader, const Names& names,
                        const StateRequest& request, const Out& out) {
  const Result<fsm::ClusterState> state = requested(reader, names, request);
  if (!state) return fail(state.error());
  const std::string hash = fsm::state_hash(*state);
  if (out.json) {
    const json line = {
        {"cluster", state->uid.value()}, {"name", names.of(state->uid)}, {"hash", hash}};
    *out.text << line.dump() << "\n";
  } else {
    *out.text << hash << "\n";
  }
  return {};
}

Result<bool> print_diff(const journal::Reader& reader, const Names& names,
                        const std::string& cluster, const std::optional<Point>& from,
                        const std::optional<Point>& to, const Out& out) {
  const Result<ClusterUid> uid = one_cluster(names, cluster);
  if (!uid) return fail(uid.error());
  Result<fsm::ClusterState> before = state_at(reader, *uid, from);
  // Before its first record a cluster is one about which nothing is known.
  if (!before && before.error().code == Errc::kNotFound) before = fsm::initial_state(*uid);
  if (!before) return fail(std::move(before).error());
  const Result<fsm::ClusterState> after = state_at(reader, *uid, to);
  if (!after) return fail(after.error());
  const json changes = diff_json(*before, *after);
  if (out.json) {
    *out.text << changes.dump(2) << "\n";
  } else {
    print_changes(changes, out);
  }
  return !changes.empty();
}

Result<void> print_blockers(const journal::Reader& reader, const Names& names,
                            const Selection& selection, const Out& out) {
  Table table({"CLUSTER", "PHASE", "SINCE", "UNTIL", "WAITING FOR", "REMEDY"});
  json all = json::array();
  for (const ClusterUid& cluster : names.all()) {
    if (!selection.takes(cluster)) continue;
    const Result<fsm::ClusterState> state = state_at(reader, cluster, selection.to);
    if (!state && state.error().code == Errc::kNotFound) continue;  // did not exist then
    if (!state) return fail(state.error());
    if (state->gone) continue;
    add_rows(table, *state, names);
    if (!state->blockers.empty() || !state->retries.empty())
      all.push_back(blockers_json(*state, names));
  }
  if (out.json) {
    *out.text << all.dump(2) << "\n";
  } else if (table.empty()) {
    *out.text << "no cluster is blocked\n";
  } else {
    table.print(out);
  }
  return {};
}

}  // namespace annals::replay
