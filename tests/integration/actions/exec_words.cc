#include "tests/integration/actions/exec_words.h"

#include <cstddef>
#include <regex>

namespace annals::actions {
namespace {

std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size()) {
      plain += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
      at += 2;
    } else {
      plain += text[at] == '+' ? ' ' : text[at];
    }
  }
  return plain;
}

std::string in_quotes(std::string word) {
  for (std::size_t at = 0; (at = word.find('\'', at)) != word.npos; at += 4)
    word.replace(at, 1, "'\\''");
  return "'" + word + "'";
}

}  // namespace

std::string command_for_shell(const std::string& target) {
  static const std::regex kWord("command=([^&]*)");
  std::string command;
  for (std::sregex_iterator word(target.begin(), target.end(), kWord), end; word != end; ++word)
    command += (command.empty() ? "" : " ") + in_quotes(unescaped((*word)[1].str()));
  return command;
}

}  // namespace annals::actions
