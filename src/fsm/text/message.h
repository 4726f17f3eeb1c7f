// Messages: what a decision, a wait, a condition or an Event says, apart from its wording. A
// message is an id with arguments; sentence.h makes the sentence of it. Records, snapshots and
// comparisons have ids and arguments, so that a better sentence changes nothing of what was
// decided.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace annals::fsm {

// One for each line of the catalogue. The numbers are of this build alone; what is stored has the
// id's name.
enum class MessageId : std::uint16_t {
  none,  // nothing is said
#define ANNALS_MESSAGE(name, text) name,
#include "fsm/text/catalogue.def"
#undef ANNALS_MESSAGE
};

struct Argument;

struct Message {
  MessageId id = MessageId::none;
  std::vector<Argument> arguments;  // as many as the catalogue's text names, in order

  bool empty() const { return id == MessageId::none; }

  // Of what changes all the time (a lag in bytes) the catalogue says that it does not matter: two
  // messages that differ in nothing else are equal.
  friend bool operator==(const Message& one, const Message& other);
};

// A value, or what is said of one: either may be empty.
struct Argument {
  std::string text{};
  std::vector<Message> messages;

  friend bool operator==(const Argument&, const Argument&) = default;
};

// Words from outside (an error of the API server, a record from before there were ids), as they
// are. Nothing for none.
Message literal(std::string text);

}  // namespace annals::fsm
