// Any struct as JSON and back, by its members: json_writer.h, json_decoder.h. For this folder.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "fsm/codec/json_decoder.h"
#include "fsm/codec/json_writer.h"

namespace annals::fsm {

template <class T>
std::string write_json(const T& value) {
  JsonWriter writer;
  writer.put(value);
  return std::move(writer).take();
}

// kCorrupt with what is wrong, and where, for anything that no version wrote.
template <class T>
Result<T> read_json(std::string_view text) {
  JsonDecoder decoder(text);
  Result<T> value;
  decoder.get(*value);
  decoder.json().finish();
  if (decoder.json().failed()) return fail(decoder.json().error());
  return value;
}

}  // namespace annals::fsm
