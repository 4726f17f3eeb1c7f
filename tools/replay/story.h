// Story: records in words, one line each, and the chain of causes that leads to a write.
#pragma once

#include <string>

#include "base/result.h"
#include "journal/reader.h"

namespace annals::replay {

// "pod hippo-instance1-bcdf-0 is Running, ready, role master"
std::string in_words(const journal::Record& record);

// Every record, or those of one cluster by UID.
Result<std::string> timeline(const journal::Reader& reader, const std::string& cluster);

// Each write of the object ("Service/hippo-primary", or just its name) with the decision behind it,
// the fact behind that, and how it ended. kNotFound when nothing ever wrote it.
Result<std::string> why(const journal::Reader& reader, const std::string& object);

}  // namespace annals::replay
