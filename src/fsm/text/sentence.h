// The catalogue at work: from messages to sentences, and from and to what is stored of them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fsm/text/message.h"

namespace annals::fsm {

// For people. Several messages in one place are joined by "; ". Empty for nothing.
std::string sentence(const Message& message);

// The same for equal messages, whatever the catalogue's wording: for digests. Never shown.
std::string key_of(const Message& message);

// "pod-to-terminate": the id as records have it. Empty for none.
std::string name_of(MessageId id);
// Nothing where the catalogue has no such id any more, or not yet.
std::optional<MessageId> message_id(std::string_view name);
// The names of its arguments, in order.
std::span<const std::string> arguments_of(MessageId id);

}  // namespace annals::fsm
