// Script: the text of a scenario. Blocks of commands, each closed by a line of dashes, then what
// came of them up to the next empty line. Lines that begin with # and empty lines are for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace annals::scenario {

struct CommandLine {
  int number = 0;  // of the file, from 1
  std::string text;
};

struct Block {
  std::string lead;  // comments and empty lines before it, as they stand there
  std::vector<CommandLine> commands;
  std::string trace;  // what is expected, each line with its end
};

struct Script {
  std::vector<Block> blocks;
  std::string tail;   // behind the last one
  std::string error;  // line and remedy; empty for a script that can be read
};

Script parse_script(std::string_view text);

// The file with these blocks: what parse_script() has read, byte for byte.
std::string print_script(const Script& script);

// Words apart from each other; what stands in "" is part of one. An open " ends with the line.
std::vector<std::string> words_of(std::string_view line);

}  // namespace annals::scenario
