// Any lines are arguments of the operator and, after an empty line, its environment: settings that
// can be used, or an exit status. As text they are a list of feature gates, and where to listen.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "api/endpoint.ipp"
#include "process/feature_gates.h"
#include "process/settings.h"

namespace {

using namespace annals::process;  // NOLINT(google-build-using-namespace): a program of one function

struct CommandLine {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
};

CommandLine read_lines(std::string_view text) {
  CommandLine line{{"annals-operator"}, {}};
  std::vector<std::string>* into = &line.arguments;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string one(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty()) {
      into = &line.environment;
    } else {
      into->push_back(one);
    }
  }
  return line;
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> all;
  for (const std::string& text : texts) all.push_back(text.c_str());
  all.push_back(nullptr);
  return all;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_of("/?#%. \t\r\n") == std::string_view::npos;
}

void expect_good(const Settings& settings, const CommandLine& line) {
  const std::vector<std::string>& targets = settings.target_namespaces;
  if (!std::ranges::all_of(targets, is_name)) std::abort();
  if (std::ranges::adjacent_find(targets, std::greater_equal<>()) != targets.end()) std::abort();
  const bool has_rest = std::ranges::find(line.arguments, "--") != line.arguments.end();
  // Who names what to look after does not get everything.
  const bool is_limited = std::ranges::any_of(line.arguments, [](const std::string& argument) {
    return argument.starts_with("--target-namespace=") && argument.size() > 19;
  });
  if (is_limited && targets.empty() && !has_rest) std::abort();
  if (settings.name_space.empty() || settings.identity.empty()) std::abort();
  for (const auto& [name, image] : settings.images) {
    if (!name.starts_with("RELATED_IMAGE_") || image.empty()) std::abort();
  }
}

void look_at_lines(std::string_view text) {
  const CommandLine line = read_lines(text);
  const std::vector<const char*> arguments = pointers(line.arguments);
  const std::vector<const char*> environment = pointers(line.environment);
  const Chosen chosen =
      choose(static_cast<int>(line.arguments.size()), arguments.data(), environment.data());
  if (chosen.settings) {
    if (chosen.status != 0) std::abort();
    expect_good(*chosen.settings, line);
  }
}

// Each gate is named once, under one heading.
void look_at_gates(std::string_view text) {
  const FeatureGates gates = read_feature_gates(text);
  const std::size_t named =
      gates.without_effect.size() + gates.unknown.size() + gates.malformed.size();
  if (named > static_cast<std::size_t>(std::ranges::count(text, ',')) + 1) std::abort();
}

}  // namespace

// What is wrong with a command line is said to people; nobody reads it here.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  std::cout.rdbuf(nullptr);
  std::cerr.rdbuf(nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  look_at_lines(text);
  look_at_gates(text);
  (void)annals::api::endpoint_of(std::string(text));
  return 0;
}
