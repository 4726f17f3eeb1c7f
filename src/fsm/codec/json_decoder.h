// Values from the JSON that JsonWriter makes, and made in older versions. Members that are not
// known are left out; what an older record lacks is as in a new struct.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/concat.h"
#include "fsm/codec/forms.h"
#include "fsm/codec/json_reader.h"
#include "fsm/codec/stored_members.h"
#include "fsm/codec/type_rules.h"
#include "fsm/text/message.h"

namespace annals::fsm {

class JsonDecoder {
 public:
  explicit JsonDecoder(std::string_view text) : json_(text) {}

  JsonReader& json() { return json_; }

  void get(bool& value) { value = json_.read_bool(); }
  void get(Whole auto& number) {
    number = json_.read_number<std::remove_reference_t<decltype(number)>>();
  }
  void get(std::string& text) { json_.read_text(text); }
  void get(Message& message);  // message_codec.h
  void get(Argument& argument);
  template <Enum E>
  void get(E& value) {
    if constexpr (kWords<E>.empty()) {
      value = static_cast<E>(json_.read_number<std::underlying_type_t<E>>());
    } else {
      const std::string_view place = json_.place();
      const std::string_view read = json_.read_word();
      const auto word = std::ranges::find(kWords<E>, read);
      if (word != kWords<E>.end()) return void(value = static_cast<E>(word - kWords<E>.begin()));
      json_.go_back(place);
      json_.fail(concat("the word '", read, "' is not known"));
    }
  }
  template <class Length>
  void get(std::chrono::sys_time<Length>& time) {
    time = std::chrono::sys_time<Length>(Length(json_.read_number<typename Length::rep>()));
  }
  template <StrongId Id>
  void get(Id& id) {
    id = Id(value<typename Id::Representation>());
  }
  template <class T>
  void get(std::optional<T>& held) {
    held.reset();
    if constexpr (!kIsItsMember<T>) {
      if (json_.take_null()) return;
    }
    get(held.emplace());
  }
  template <class T>
  void get(std::vector<T>& all) {
    all.clear();
    json_.each_item([&] { get(all.emplace_back()); });
  }
  template <Set S>
  void get(S& all) {
    all.clear();
    json_.each_item([&] { all.insert(value<typename S::key_type>()); });
  }
  template <class Key, class Value>
  void get(std::map<Key, Value>& all) {
    all.clear();
    if constexpr (!std::same_as<decltype(kKeyIn<Value>), const std::nullptr_t>) {
      json_.each_item([&] {
        auto each = value<Value>();
        Key key = each.*kKeyIn<Value>;
        all.emplace(std::move(key), std::move(each));
      });
    } else if constexpr (StrongId<Key>) {
      json_.each_item([&] {
        const auto id = ahead<Key>("id");
        all.emplace(id, value<Value>());
      });
    } else {
      json_.each_member([&](std::string_view name) { get_under(all, name); });
    }
  }
  template <class... Ts>
  void get(std::variant<Ts...>& held) {
    using Variant = std::variant<Ts...>;
    using Named = Alternatives<Variant>;
    const auto word = ahead<std::string>(Named::kTag);
    std::size_t index = 0;
    while (index < Named::kWordOf.size() && Named::kWordOf[index] != word) ++index;
    if (index == sizeof...(Ts))
      json_.fail(concat("the ", Named::kTag, " '", word, "' is not known"));
    if (!json_.failed()) get_alternative(held, index, std::index_sequence_for<Ts...>());
  }
  template <Struct T>
  void get(T& value) {
    if constexpr (std::same_as<T, ObjectFields>) {
      get_fields(value, nullptr);
    } else if constexpr (GroupOfFields<T>) {
      ObjectFields fields;
      get_fields(fields, nullptr);
      value = *(fields.*kGroupOfFields<T>);
    } else if constexpr (kIsItsMember<T>) {
      get(member<0>(value));
    } else {
      get_members(value);
    }
  }

 private:
  template <class T>
  T value() {
    T made{};
    get(made);
    return made;
  }
  template <class Value>
  void get_under(std::map<std::string, Value>& all, std::string_view name) {
    get(all[std::string(name)]);
  }
  // What a state of format 5 has of the one operation stands under no name: see state_codec.cc.
  template <class Value>
  void get_under(std::map<std::string, std::map<std::string, Value>>& all, std::string_view name) {
    if (json_.is_at('{')) return get(all[std::string(name)]);
    get(all[std::string()][std::string(name)]);
  }
  // That member of the object that comes next, which is read after it as if nobody had looked.
  template <class T>
  T ahead(std::string_view wanted) {
    std::optional<T> found;
    const std::string_view place = json_.place();
    json_.each_member([&](std::string_view name) {
      if (name != wanted) return json_.skip();
      get(found.emplace());
    });
    json_.go_back(place);
    if (!found) json_.fail(concat("no member '", wanted, "'"));
    return found.value_or(T{});
  }
  template <class Variant, std::size_t... Is>
  void get_alternative(Variant& held, std::size_t index, std::index_sequence<Is...>) {
    ((index == Is ? get(held.template emplace<Is>()) : void()), ...);
  }

  template <Struct T>
  using Get = void (*)(JsonDecoder&, T&);
  template <Struct T, std::size_t I>
  static void get_member(JsonDecoder& decoder, T& value) {
    static constexpr StoredMember kMember = kStoredMembers<T>[I];
    if constexpr (kMember.presence == Presence::kNever) {
      decoder.json_.skip();
    } else {
      auto& held = member<kMember.place>(value);
      constexpr bool kHasMore = kPlaceAmongFields<T> < kMemberCount<T>;
      if constexpr (kHasMore && std::same_as<decltype(held), ObjectFields&>) {
        decoder.get_fields(held, &member<kPlaceAmongFields<T>>(value));
      } else {
        decoder.get(held);
      }
    }
  }
  // What is no field, as of other versions, goes to `others`, or nowhere.
  void get_fields(ObjectFields& fields, std::map<std::string, std::string>* others) {
    fields = {};
    if (others != nullptr) others->clear();
    json_.each_member([&](std::string_view name) {
      std::string key(name);
      std::string text;
      json_.read_text(text);
      if (!set_field(fields, key, text) && others != nullptr)
        others->emplace(std::move(key), std::move(text));
    });
  }
  template <Struct T>
  static constexpr auto kGets = []<std::size_t... Is>(std::index_sequence<Is...>) {
    return std::array<Get<T>, sizeof...(Is)>{get_member<T, Is>...};
  }(std::make_index_sequence<kMemberCount<T>>());
  template <Struct T>
  static constexpr std::uint64_t kNeeded = [] {
    std::uint64_t needed = 0;
    for (std::size_t i = 0; i < kMemberCount<T>; ++i) {
      if (kStoredMembers<T>[i].presence == Presence::kAlways) needed |= std::uint64_t{1} << i;
    }
    return needed;
  }();

  template <Struct T>
  void get_members(T& value) {
    static_assert(kMemberCount<T> <= 64);
    std::uint64_t seen = 0;
    std::size_t next = 0;  // they are sorted in the text as well
    json_.each_member([&](std::string_view name) {
      const std::size_t place = place_of<T>(name, next);
      if (place == kMemberCount<T>) return json_.skip();
      kGets<T>[place](*this, value);
      if (json_.failed()) json_.was_in(kStoredMembers<T>[place].name.name());
      seen |= std::uint64_t{1} << place;
      next = place + 1;
    });
    const std::uint64_t lacking = kNeeded<T> & ~seen;
    if (lacking == 0 || json_.failed()) return;
    const auto& first = kStoredMembers<T>[static_cast<std::size_t>(std::countr_zero(lacking))];
    json_.fail(concat("no member '", first.name.name(), "'"));
  }
  template <Struct T>
  static std::size_t place_of(std::string_view name, std::size_t next) {
    constexpr auto& members = kStoredMembers<T>;
    for (std::size_t i = next; i < members.size(); ++i) {
      if (members[i].name.name() == name) return i;
    }
    const std::size_t before = std::min(next, members.size());
    for (std::size_t i = 0; i < before; ++i) {
      if (members[i].name.name() == name) return i;
    }
    return members.size();
  }

  JsonReader json_;
};

}  // namespace annals::fsm
