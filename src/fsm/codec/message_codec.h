// The stored form of a message: {"say": "pod-to-terminate", "pod": "hippo-instance1-abcd-0"}, its
// arguments by name, each a text or a list of messages. Words from outside are a JSON string, as
// are the sentences of records from before there were ids.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "fsm/text/message.h"
#include "manifests/json.h"

namespace annals::fsm {

manifests::Json message_to_json(const Message& message);

// A message that the catalogue does not have is kept as words. What is wrong with the form is
// thrown as a json::exception.
Message message_from_json(const nlohmann::json& from);

}  // namespace annals::fsm
