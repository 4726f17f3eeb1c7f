// The stored form of a message: {"pod":"hippo-instance1-abcd-0","say":"pod-to-terminate"}, its
// arguments by name, each a text or a list of messages. Words from outside are a JSON string, as
// are the sentences of records from before there were ids.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/text/message.h"

namespace annals::fsm {

std::string encode_message(const Message& message);

// A message that the catalogue does not have is kept as words. kCorrupt for what is none.
Result<Message> decode_message(std::string_view json);

}  // namespace annals::fsm
