// Reading metadata inside of a lens; only for the lenses' own files.
#pragma once

#include "k8s/lens/meta.h"
#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {

// Takes one field of metadata. False if it is none that ObjectMeta knows; the value is then unread.
bool take_meta_field(std::string_view key, ondemand::value value, ObjectMeta& meta,
                     std::string_view label_prefix = {});

// Takes one label, if it begins so.
void take_label(std::string_view key, ondemand::value value, ObjectMeta& meta,
                std::string_view prefix);

// The whole of metadata.
void take_meta(ondemand::value metadata, ObjectMeta& meta, std::string_view label_prefix = {});

// Reads an object as field(key, value) says, metadata included, and checks that it has a name.
template <class View, class Field>
Result<View> read_view(JsonReader& reader, std::string_view object, Field field) {
  View view;
  Result<void> read = read_object(reader, object, [&](ondemand::object& root) {
    each_field(root, [&](std::string_view key, ondemand::value value) { field(view, key, value); });
  });
  if (read) read = check(view.meta);
  if (!read) return fail(std::move(read).error());
  return view;
}

// Calls use(key, value) for each field of the object's part of that name.
template <class Use>
void each_field_of(std::string_view part, std::string_view key, ondemand::value value, Use use) {
  if (key == part) each_field(value, use);
}

}  // namespace annals::k8s
