#include "k8s/text/json.h"

#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {

JsonReader::JsonReader() : scratch_(std::make_unique<Scratch>()) {}
JsonReader::~JsonReader() = default;

}  // namespace annals::k8s
