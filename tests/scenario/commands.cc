#include "tests/scenario/commands.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>

#include "base/concat.h"
#include "tests/scenario/resource.h"
#include "tests/scenario/script.h"

namespace annals::scenario {
namespace {

using fsm::Intent;
using fsm::Outcome;

constexpr const char* kPerson = "kubectl";

// "1h2m3s".
std::optional<Duration> duration_in(std::string_view text) {
  static const std::map<char, Duration> kUnits{
      {'h', std::chrono::hours(1)}, {'m', std::chrono::minutes(1)}, {'s', std::chrono::seconds(1)}};
  Duration sum{};
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    if (error != std::errc() || text.empty() || !kUnits.contains(text.front())) return std::nullopt;
    sum += number * kUnits.at(text.front());
    text.remove_prefix(1);
  }
  return sum;
}

std::string read_into(Play& play, const std::string& name) {
  Result<manifests::Json> resource = read_yaml(concat(SCENARIOS, "/", name));
  if (!resource) return to_string(resource.error());
  play.resource = *std::move(resource);
  return {};
}

std::string run_apply(Play& play, const Words& words) {
  Words rest = words;
  const std::string writer = take_writer(rest, kPerson);
  if (rest.size() != 1) return "name one file: 'apply hippo.yaml by kubectl'";
  if (std::string trouble = read_into(play, rest[0]); !trouble.empty()) return trouble;
  tell_resource(play, concat(writer, " applies ", rest[0]), writer);
  return {};
}

std::string patch_all(Play& play, const Words& fields) {
  for (const std::string& word : fields) {
    if (!word.contains('='))
      return concat(word,
                    " has no '=': write 'spec.shutdown=true', or '=null' to take a field out");
    const auto [path, value] = pair_of(word);
    Result<manifests::Json> changed = patched(play.resource, path, value);
    if (!changed) return to_string(changed.error());
    play.resource = *std::move(changed);
  }
  return {};
}

std::string run_given(Play& play, const Words& words) {
  constexpr const char* kForm =
      "write 'given hippo.yaml runs', '... but POD' or '... with spec.instances[0].replicas=3'";
  if (words.size() < 2 || words.size() == 3 || words[1] != "runs") return kForm;
  const bool has_but = words.size() > 2 && words[2] == "but";
  const std::size_t with = has_but ? 4 : 2;
  if (words.size() > with && (words[with] != "with" || words.size() == with + 1)) return kForm;
  if (std::string trouble = read_into(play, words[0]); !trouble.empty()) return trouble;
  const Words fields(words.begin() + static_cast<std::ptrdiff_t>(std::min(with + 1, words.size())),
                     words.end());
  if (std::string trouble = patch_all(play, fields); !trouble.empty()) return trouble;
  tell_resource(play, "", kPerson);
  bring_up(play, has_but ? words[3] : "");
  (void)play.stage.take_trace();
  for (const auto& [name, pod] : play.stage.state().pods) play.answer += line_of(pod);
  return {};
}

std::string run_patch(Play& play, const Words& words) {
  Words rest = words;
  const std::string writer = take_writer(rest, kPerson);
  if (rest.empty()) return "say what changes: 'patch spec.shutdown=true by kubectl'";
  if (std::string trouble = patch_all(play, rest); !trouble.empty()) return trouble;
  tell_resource(play, concat(writer, " patches ", joined(rest, 0)), writer);
  return {};
}

std::string run_annotate(Play& play, const Words& words) {
  Words rest = words;
  const std::string writer = take_writer(rest, kPerson);
  if (rest.size() != 1 || !rest[0].contains('='))
    return "write 'annotate trigger-switchover=now by kubectl'";
  const auto [name, value] = pair_of(rest[0]);
  play.resource = annotated(play.resource, name, value);
  tell_resource(play, concat(writer, " annotates ", rest[0]), writer);
  return {};
}

std::string run_delete(Play& play, const Words& words) {
  if (words.size() != 1) return "write 'delete cluster' or 'delete Service/hippo-primary'";
  if (words[0] == "cluster") {
    tell_resource(play, "kubectl deletes the cluster", kPerson, true);
    return {};
  }
  const fsm::ObjectObserved* object = find_object(play, words[0]);
  if (object == nullptr)
    return concat("there is no ", words[0], ": give KIND/NAME as an intent in a trace has it");
  play.stage.tell(words[0] + " is gone", fsm::ObjectGone{.ref = object->ref, .uid = object->uid});
  return {};
}

std::string run_cluster(Play& play, const Words& words) {
  if (words != Words{"gone"}) return "write 'cluster gone'";
  play.stage.tell("the cluster is gone", fsm::SpecGone{});
  return {};
}

std::string run_advance(Play& play, const Words& words) {
  const std::optional<Duration> by = words.size() == 1 ? duration_in(words[0]) : std::nullopt;
  if (!by) return "say how far: 'advance 2m30s', of h, m and s";
  if (!advance(play, *by))
    return "a thousand looks did not come to an end: something asks to be looked at again and "
           "again, and requeue_at() has to be given a later time";
  return {};
}

std::string run_operator(Play& play, const Words& words) {
  const bool is_known = words.size() == 1 || (words.size() == 3 && words[1] == "as");
  if (!is_known || words[0] != "restarts") return "write 'operator restarts' or '... as 2.0'";
  if (words.size() == 3) play.version = words[2];
  start_operator(play, true);
  play.stage.tell("everything is listed", fsm::Synced{});
  return {};
}

std::string run_done(Play& play, const Words& words) {
  if (words.empty()) return "write 'done all', 'done all but TARGET' or 'done TARGET'";
  if (words[0] == "all") {
    if (words.size() > 1 && words[1] != "but") return "write 'done all but TARGET TARGET'";
    std::set<std::string> but;
    for (std::size_t i = 2; i < words.size(); ++i) but.insert(words[i]);
    carry_out(play, but);
    return {};
  }
  for (const std::string& target : words) {
    const std::optional<Intent> intent = pending_on(play, target);
    if (!intent) return concat("nothing was asked of ", target, pending_targets(play));
    succeed(play, *intent);
  }
  return {};
}

void end_badly(Play& play, const Intent& intent, fsm::OutcomeStatus status, const Words& words) {
  Outcome outcome = Kubernetes::failure(intent, status);
  std::size_t rest = 0;
  if (words.size() > 1 && words[0] == "with") {
    std::from_chars(words[1].data(), words[1].data() + words[1].size(), outcome.code);
    rest = 2;
    if (words.size() > 3 && words[2] == "at") {
      outcome.field = words[3];
      rest = 4;
    }
  }
  outcome.detail = joined(words, rest);
  if (outcome.detail.empty()) outcome.detail = concat("the API server answered ", outcome.code);
  const bool failed = status == fsm::OutcomeStatus::kFailed;
  play.stage.tell(concat(failed ? "failed " : "no answer of ", outcome.target), outcome);
}

std::string run_fail(Play& play, const Words& words) {
  if (words.size() < 2)
    return "write 'fail TARGET with 500 [at FIELD] [TEXT]' or 'fail TARGET TEXT'";
  const std::optional<Intent> intent = pending_on(play, words[0]);
  if (!intent) return concat("nothing was asked of ", words[0], pending_targets(play));
  end_badly(play, *intent, fsm::OutcomeStatus::kFailed, {words.begin() + 1, words.end()});
  return {};
}

std::string run_lose(Play& play, const Words& words) {
  if (words.empty()) return "write 'lose TARGET [TEXT]'";
  const std::optional<Intent> intent = pending_on(play, words[0]);
  if (!intent) return concat("nothing was asked of ", words[0], pending_targets(play));
  Words text(words.begin() + 1, words.end());
  if (text.empty()) text = {"no answer came"};
  end_badly(play, *intent, fsm::OutcomeStatus::kUnknown, text);
  return {};
}

constexpr std::array kVerbs{
    Verb{"given", "given FILE runs [but POD | but pods] [with FIELD=VALUE...]", run_given},
    Verb{"apply", "apply FILE [by WHO]", run_apply},
    Verb{"patch", "patch FIELD=VALUE... [by WHO]", run_patch},
    Verb{"annotate", "annotate NAME=VALUE [by WHO]", run_annotate},
    Verb{"delete", "delete cluster | KIND/NAME", run_delete},
    Verb{"cluster", "cluster gone", run_cluster},
    Verb{"done", "done all [but TARGET...] | TARGET...", run_done},
    Verb{"fail", "fail TARGET [with CODE [at FIELD]] [TEXT]", run_fail},
    Verb{"lose", "lose TARGET [TEXT]", run_lose},
    Verb{"advance", "advance 1h2m3s", run_advance},
    Verb{"operator", "operator restarts [as VERSION]", run_operator},
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

std::string run_command(Play& play, const std::string& line) {
  Words words = words_of(line);
  const std::string name = words.front();
  words.erase(words.begin());
  std::string known;
  for (const std::span<const Verb> some : {verbs(), verbs_of_kubernetes(), questions()}) {
    for (const Verb& verb : some) {
      if (name != verb.name) {
        known += concat(known.empty() ? "" : ", ", verb.name);
        continue;
      }
      const bool is_first = name == "given" || name == "apply";
      if (!is_first && !play.stage.state().spec)
        return "there is no cluster yet: begin with 'given FILE runs' or 'apply FILE'";
      return verb.run(play, words);
    }
  }
  return concat("there is no command ", name, ": choose from ", known);
}

std::string take_writer(Words& words, const std::string& otherwise) {
  if (words.size() < 2 || words[words.size() - 2] != "by") return otherwise;
  std::string writer = words.back();
  words.resize(words.size() - 2);
  return writer;
}

std::pair<std::string, std::string> pair_of(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) return {word, ""};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

std::string joined(const Words& words, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < words.size(); ++i) text += concat(i == from ? "" : " ", words[i]);
  return text;
}

std::string pending_targets(Play& play) {
  std::string targets;
  for (const auto& [id, action] : play.stage.state().pending)
    targets += concat(targets.empty() ? "" : ", ", fsm::target_of(action));
  return targets.empty() ? ", and nothing else is pending: take the line out"
                         : concat("; choose from what is pending: ", targets);
}

}  // namespace annals::scenario
