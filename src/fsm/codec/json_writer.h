// Values as JSON, straight into text: keys sorted, no blanks, equal values as equal bytes.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <concepts>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fsm/codec/forms.h"
#include "fsm/codec/stored_members.h"
#include "fsm/codec/type_rules.h"
#include "fsm/text/message.h"
#include "manifests/json.h"

namespace annals::fsm {

// A member that the struct does not have.
struct Extra {
  std::string_view name;
  std::string json;
};

class JsonWriter {
 public:
  // In records texts that are stored by their digests are left out.
  enum class Texts : std::uint8_t { kWhole, kByDigest };
  explicit JsonWriter(Texts texts = Texts::kWhole) : texts_(texts) {}

  std::string take() && { return std::move(out_); }

  void put(std::same_as<bool> auto value) { out_ += value ? "true" : "false"; }
  void put(Whole auto number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out_.append(digits.data(), end);
  }
  void put(std::string_view text) { manifests::append_quoted(out_, text); }
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(const Message& message);  // message_codec.h
  void put(const Argument& argument);
  template <Enum E>
  void put(E value) {
    const auto place = static_cast<std::size_t>(value);
    if constexpr (kWords<E>.empty()) {
      put(place);
    } else {
      put(kWords<E>.at(place));
    }
  }
  template <class Length>
  void put(const std::chrono::sys_time<Length>& time) {
    put(time.time_since_epoch().count());
  }
  void put(const StrongId auto& id) { put(id.value()); }
  template <class T>
  void put(const std::optional<T>& value) {
    if (value) return put(*value);
    out_ += "null";
  }
  template <class T>
  void put(const std::vector<T>& all) {
    put_list(all, [this](const auto& each) { this->put(each); });
  }
  void put(const Set auto& all) {
    put_list(all, [this](const auto& each) { this->put(each); });
  }
  template <class Value>
  void put(const std::map<std::string, Value>& all) {
    if constexpr (!std::same_as<decltype(kKeyIn<Value>), const std::nullptr_t>) {
      return put_values(all);
    } else {
      out_ += '{';
      for (const auto& [key, value] : all) {
        put(key);
        out_ += ':';
        put(value);
        out_ += ',';
      }
      close('}');
    }
  }
  template <class Key, class Value>
    requires(!std::same_as<decltype(kKeyIn<Value>), const std::nullptr_t>)
  void put(const std::map<Key, Value>& all) {
    put_values(all);
  }
  // What stands under numbers is a list; each has its number in it.
  template <StrongId Key, class Value>
  void put(const std::map<Key, Value>& all) {
    put_list(all, [this](const auto& each) {
      this->put_object(each.second, {{.name = "id", .json = to_string(each.first)}});
    });
  }
  template <class... Ts>
  void put(const std::variant<Ts...>& value) {
    put_object(value, {});
  }
  template <Struct T>
  void put(const T& value) {
    if constexpr (std::same_as<T, ObjectFields>) {
      put_fields(value, {});
    } else if constexpr (GroupOfFields<T>) {
      ObjectFields fields;
      fields.*kGroupOfFields<T> = value;
      put_fields(fields, {});
    } else if constexpr (kIsItsMember<T>) {
      static_assert(kMemberCount<T> == 1);
      put(member<0>(value));
    } else {
      put_members(value, {});
    }
  }

  // With members more, in the order of their names.
  template <Struct T>
  void put_object(const T& value, const std::vector<Extra>& extras) {
    put_members(value, extras);
  }
  template <class... Ts>
  void put_object(const std::variant<Ts...>& value, std::vector<Extra> extras) {
    using Named = Alternatives<std::variant<Ts...>>;
    if (value.index() < Named::kWordOf.size()) {
      std::string quoted;
      manifests::append_quoted(quoted, Named::kWordOf[value.index()]);
      extras.push_back({.name = Named::kTag, .json = std::move(quoted)});
      std::ranges::sort(extras, {}, &Extra::name);
    }
    std::visit([&](const auto& held) { put_members(held, extras); }, value);
  }

 private:
  template <class All, class Put>
  void put_list(const All& all, Put put_one) {
    out_ += '[';
    for (const auto& each : all) {
      put_one(each);
      out_ += ',';
    }
    close(']');
  }
  void put_values(const Map auto& all) {
    put_list(all, [this](const auto& each) { this->put(each.second); });
  }
  // In place of the comma behind the last item.
  void close(char bracket) {
    if (out_.back() == ',') out_.pop_back();
    out_ += bracket;
  }

  template <Struct T>
  void put_members(const T& value, std::span<const Extra> extras) {
    static_assert(is_form_of_its_members<T>(), "the form names a member that there is not");
    out_ += '{';
    [&]<std::size_t... Is>(std::index_sequence<Is...>) {
      (put_member<T, Is>(value, extras), ...);
    }(std::make_index_sequence<kMemberCount<T>>());
    for (const Extra& extra : extras) put_extra(extra);
    close('}');
  }
  template <Struct T, std::size_t I>
  void put_member(const T& value, std::span<const Extra>& extras) {
    static constexpr StoredMember kMember = kStoredMembers<T>[I];
    if constexpr (kMember.presence != Presence::kNever) {
      for (; !extras.empty() && extras.front().name < kMember.name.name();
           extras = extras.subspan(1)) {
        put_extra(extras.front());
      }
      const auto& held = member<kMember.place>(value);
      if (kMember.apart && texts_ == Texts::kByDigest) return;
      if constexpr (kMember.presence == Presence::kWhenSet) {
        if (!is_set<T, kMember.place>(held)) return;
      }
      out_ += kMember.name.before_value();
      constexpr bool kHasMore = kPlaceAmongFields<T> < kMemberCount<T>;
      if constexpr (kHasMore && std::same_as<decltype(held), const ObjectFields&>) {
        put_fields(held, member<kPlaceAmongFields<T>>(value));
      } else {
        put(held);
      }
      out_ += ',';
    }
  }
  template <Struct T, std::size_t Place, class Held>
  static bool is_set(const Held& held) {
    if constexpr (requires { held.has_value(); }) {
      return held.has_value();
    } else if constexpr (requires { held.empty(); }) {
      return !held.empty();
    } else {
      static const T kNew{};
      return !(held == member<Place>(kNew));
    }
  }
  // With others that are none of an object's, in the order of their names.
  void put_fields(const ObjectFields& fields, const std::map<std::string, std::string>& others) {
    out_ += '{';
    auto other = others.begin();
    each_field(fields, [&](std::string_view name, std::string_view text) {
      for (; other != others.end() && other->first < name; ++other)
        put_field(other->first, other->second);
      put_field(name, text);
    });
    for (; other != others.end(); ++other) put_field(other->first, other->second);
    close('}');
  }
  void put_field(std::string_view name, std::string_view text) {
    put(name);
    out_ += ':';
    put(text);
    out_ += ',';
  }
  void put_extra(const Extra& extra) {
    put(extra.name);
    out_ += ':';
    out_ += extra.json;
    out_ += ',';
  }

  std::string out_;
  Texts texts_;
};

}  // namespace annals::fsm
