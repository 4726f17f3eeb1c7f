// What Kubernetes and Patroni say, as commands.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "spec/restore_target.h"
#include "tests/scenario/commands.h"

namespace annals::scenario {
namespace {

using fsm::ObjectObserved;
using fsm::PodObserved;

// Patroni's words follow from the role where nothing else is said.
void set_role(PodObserved& pod, const std::string& role) {
  pod.standby_leader = role == "standby_leader";
  pod.role = pod.standby_leader ? "master" : role;
  pod.member = pod.role == "master" ? "running" : "streaming";
}

bool set_word(PodObserved& pod, const std::string& word) {
  if (word == "ready" || word == "running") {
    pod.phase = "Running";
    pod.ready = word == "ready";
    pod.problem.clear();
  } else if (word == "pending") {
    pod.phase = "Pending";
    pod.ready = false;
  } else if (word == "unready") {
    pod.ready = false;
  } else if (word == "deleting") {
    pod.deleting = true;
  } else {
    return false;
  }
  return true;
}

bool set_value(PodObserved& pod, const std::string& key, const std::string& value) {
  if (key == "role") {
    set_role(pod, value);
  } else if (key == "member") {
    pod.member = value;
  } else if (key == "node") {
    pod.node = value;
  } else if (key == "problem") {
    pod.problem = value;
  } else if (key == "revision") {
    pod.revision = value;
  } else if (key == "pending-restart") {
    pod.pending_restart = value;
  } else if (key == "timeline") {
    std::from_chars(value.data(), value.data() + value.size(), pod.timeline);
  } else {
    return false;
  }
  return true;
}

std::string run_pod(Play& play, const Words& words) {
  if (words.size() < 2) return "write 'pod hippo-instance1-abcd-0 ready role=master'";
  const std::string& name = words[0];
  if (words[1] == "gone") {
    const auto pod = play.stage.state().pods.find(name);
    if (pod == play.stage.state().pods.end())
      return concat("there is no pod ", name, ": 'status' lists them");
    play.stage.tell(concat("pod ", name, " is gone"),
                    fsm::PodGone{.name = name, .uid = pod->second.uid});
    return {};
  }
  PodObserved pod = play.kubernetes.pod(play.stage.state(), name);
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto [key, value] = pair_of(words[i]);
    if (!set_word(pod, words[i]) && !set_value(pod, key, value))
      return concat(words[i],
                    " is nothing that a pod says: choose from gone, pending, running, ready, "
                    "unready, deleting, role=, member=, node=, problem=, revision=, "
                    "pending-restart=, timeline=");
  }
  play.stage.tell(concat("pod ", name, " is ", joined(words, 1)), std::move(pod));
  return {};
}

fsm::ObjectFields without(const fsm::ObjectFields& fields, std::string_view field) {
  fsm::ObjectFields others;
  each_field(fields, [&](std::string_view name, std::string_view text) {
    if (name != field) set_field(others, name, std::string(text));
  });
  return others;
}

std::string run_object(Play& play, const Words& words) {
  if (words.size() < 2) return "write 'object KIND/NAME field=value', or 'field=' to take it out";
  ObjectObserved object;
  object.ref = ref_of(play, words[0]);
  object.uid = "uid-of-" + words[0];
  if (const ObjectObserved* known = find_object(play, words[0])) object = *known;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto [field, value] = pair_of(words[i]);
    object.fields = without(object.fields, field);
    if (!value.empty() && !set_field(object.fields, field, value))
      return concat(words[i], " is nothing that an object says: see kObjectFields");
  }
  play.stage.tell(concat(words[0], " has ", joined(words, 1)), std::move(object));
  return {};
}

std::string run_edit(Play& play, const Words& words) {
  Words rest = words;
  const std::string writer = take_writer(rest, "");
  const ObjectObserved* known = rest.size() == 1 ? find_object(play, rest[0]) : nullptr;
  if (known == nullptr || writer.empty())
    return "write 'edit KIND/NAME by WHO', of an object that a trace has written";
  ObjectObserved edited = *known;
  const std::string time = annals::to_string(play.stage.now());
  edited.digest = sha256_hex(concat(rest[0], writer, time));
  edited.actor = {
      .manager = writer, .operation = "Apply", .time = concat(time.substr(0, time.find('.')), "Z")};
  play.stage.tell(concat(writer, " edits ", rest[0]), std::move(edited));
  return {};
}

// What a Job of a receipt has found: "end=0/5000000 checkpoint=0/5000028 timeline=1".
fsm::Receipt receipt_of(Play& play, const std::map<std::string, std::string>& report) {
  const fsm::SpecObserved& spec = *play.stage.state().spec;
  fsm::Receipt receipt{.cluster = concat(spec.name_space, "/", spec.name),
                       .system_id = "7301",
                       .timeline = 1,
                       .at = play.stage.now()};
  const auto position = [&report](const char* name) {
    const auto found = report.find(name);
    return found == report.end() ? 0 : spec::parse_lsn(found->second).value_or(0);
  };
  receipt.checkpoint_lsn = position("checkpoint");
  receipt.end_lsn = position("end");
  return receipt;
}

// The pod of a Job that restores, and how it ended: "timeline=2 lsn=0/6000000" in a line each.
void end_pod_of_restore(Play& play, const Words& words) {
  PodObserved pod = play.kubernetes.pod(play.stage.state(), words[0] + "-x");
  pod.job = words[0];
  pod.phase = words[1] == "complete" ? "Succeeded" : words[1] == "failed" ? "Failed" : "Running";
  pod.end.reset();
  if (words[1] == "failed") {
    pod.end = {.exit_code = 1, .message = joined(words, 2)};
  } else if (words[1] == "complete") {
    std::string report;
    std::map<std::string, std::string> told;
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [name, value] = pair_of(words[i]);
      report += concat(name, " ", value, "\n");
      told[name] = value;
    }
    pod.end = {.exit_code = 0, .message = std::move(report)};
    if (words[0].ends_with("-shutdown-receipt")) pod.end->receipt = receipt_of(play, told);
  }
  play.stage.tell(concat("pod ", pod.name, " is ", pod.phase), std::move(pod));
}

std::string run_job(Play& play, const Words& words) {
  const bool has_form =
      words.size() >= 2 && (words[1] == "complete" || words[1] == "failed" || words[1] == "active");
  const ObjectObserved* known = has_form ? find_object(play, "Job/" + words[0]) : nullptr;
  if (known == nullptr)
    return "write 'job NAME active', 'job NAME complete' or 'job NAME failed TEXT', of a Job that "
           "a trace has written";
  ObjectObserved ended = *known;
  fsm::JobFields& fields = ended.fields.job.edit();
  if (fields.restore) end_pod_of_restore(play, words);
  if (words[1] == "active") fields.active = 1;
  if (words[1] == "complete") fields.complete = true;
  if (words[1] == "failed")
    fields.failed = words.size() > 2 && !fields.restore ? joined(words, 2) : "BackoffLimitExceeded";
  play.stage.tell(concat("job ", joined(words, 0)), std::move(ended));
  return {};
}

std::string run_patroni(Play& play, const Words& words) {
  if (words == Words{"stores", "its", "state"}) {
    store_patroni_state(play);
    return {};
  }
  if (words.size() == 4 && words[0] == "says" && words[2] == "lags") {
    play.kubernetes.set_lag(words[1], words[3] == "unknown" ? "-" : words[3]);
    return {};
  }
  if (words.size() == 4 && words[0] == "says" && words[2] == "is") {
    play.kubernetes.set_role(words[1], words[3]);
    return {};
  }
  return "write 'patroni stores its state', 'patroni says POD lags 5000' (or unknown), or 'patroni "
         "says POD is sync_standby'";
}

std::string run_server(Play& play, const Words& words) {
  if (words == Words{"steady"}) {
    play.stage.tell("the API server is steady", fsm::ServerSeen{});
    return {};
  }
  if (words.size() < 2 || words[0] != "trouble")
    return "write 'server trouble \"it failed 7 of the last 20 requests\"' or 'server steady'";
  play.stage.tell("the API server comes and goes", fsm::ServerSeen{.trouble = joined(words, 1)});
  return {};
}

// Of the database that Patroni's store names.
std::string run_repository(Play& play, const Words& words) {
  const bool fails = words.size() > 2 && words[1] == "fails";
  const bool has = words.size() == 5 && words[1] == "has" && words[3] == "ended";
  const auto ended = spec::parse_point_in_time(has ? words[4] : "");
  if (!fails && !ended)
    return "write 'repository repo1 has 20260101-220000F ended 2026-01-01T23:00:00Z' or "
           "'repository repo1 fails TEXT'";
  fsm::RepositoryContents& contents = play.kubernetes.repository(words[0]);
  contents.code = fails ? fsm::kRepositoryUnreadable : fsm::kRepositoryOk;
  contents.trouble = fails ? joined(words, 2) : "";
  if (fails) return {};
  const std::string segment = "000000010000000000000002";
  contents.databases = {{.id = 1, .system_id = "8000000000000000001", .version = "15"}};
  contents.archives = {
      {.database = 1, .id = "15-1", .first = "000000010000000000000001", .last = segment}};
  contents.backups.push_back({.label = words[2],
                              .type = "full",
                              .database = 1,
                              .start = ended->time,
                              .stop = ended->time,
                              .first_wal = segment,
                              .last_wal = segment,
                              .start_lsn = 0x2000028,
                              .stop_lsn = 0x2000100,
                              .size = 100'000'000});
  return {};
}

std::string run_source(Play& play, const Words& words) {
  const std::string what = words.empty() ? "" : words[0];
  if (what != "writes" && what != "recovers" && what != "refuses")
    return "write 'source writes', 'source recovers' or 'source refuses TEXT'";
  play.kubernetes.set_source(what == "writes"     ? fsm::SourceState::kWrites
                             : what == "recovers" ? fsm::SourceState::kRecovers
                                                  : fsm::SourceState::kRefuses,
                             joined(words, 1));
  return {};
}

std::string run_archive(Play& play, const Words& words) {
  const bool takes = words == Words{"takes", "WAL"};
  if (!takes && (words.size() < 2 || words[0] != "fails"))
    return "write 'archive takes WAL' or 'archive fails TEXT'";
  play.kubernetes.set_archive_trouble(takes ? "" : joined(words, 1));
  return {};
}

constexpr std::array kVerbsOfKubernetes{
    Verb{"pod", "pod NAME gone | WORD... KEY=VALUE...", run_pod},
    Verb{"object", "object KIND/NAME FIELD=VALUE...", run_object},
    Verb{"edit", "edit KIND/NAME by WHO", run_edit},
    Verb{"job", "job NAME active | complete [NAME=VALUE...] | failed TEXT", run_job},
    Verb{"patroni", "patroni stores its state | says POD lags BYTES | says POD is ROLE",
         run_patroni},
    Verb{"repository", "repository NAME has LABEL ended TIME | fails TEXT", run_repository},
    Verb{"source", "source writes | recovers | refuses TEXT", run_source},
    Verb{"archive", "archive takes WAL | fails TEXT", run_archive},
    Verb{"server", "server trouble TEXT | steady", run_server},
};

}  // namespace

std::span<const Verb> verbs_of_kubernetes() { return kVerbsOfKubernetes; }

}  // namespace annals::scenario
