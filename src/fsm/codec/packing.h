// Values as few bytes, member by member in the order of their declaration. Only for the process
// that packed them: nothing of it says what it is. For this folder.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fsm/codec/forms.h"
#include "fsm/codec/members.h"
#include "fsm/codec/type_rules.h"

namespace annals::fsm {

class Packer {
 public:
  std::string take() && { return std::move(bytes_); }

  void put(Enum auto value) { put(static_cast<std::uint64_t>(value)); }
  void put(std::integral auto number) {
    // What is negative is rare, and then long.
    auto rest = static_cast<std::uint64_t>(number);
    for (; rest >= 128; rest >>= 7U) bytes_ += static_cast<char>(rest | 128U);
    bytes_ += static_cast<char>(rest);
  }
  void put(const std::string& text);
  template <class Length>
  void put(const std::chrono::sys_time<Length>& time) {
    put(time.time_since_epoch().count());
  }
  void put(const StrongId auto& id) { put(id.value()); }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const Rare<T>& part) {
    put(part.is_held());
    if (part.is_held()) put(*part);
  }
  template <class... Ts>
  void put(const std::variant<Ts...>& value) {
    put(value.index());
    std::visit([this](const auto& held) { this->put(held); }, value);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& both) {
    put(both.first);
    put(both.second);
  }
  template <class T>
  void put(const std::vector<T>& all) {
    put_all(all);
  }
  void put(const Map auto& all) { put_all(all); }
  void put(const Set auto& all) { put_all(all); }
  template <Struct T>
  void put(const T& value) {
    for_each_member(value, [this]<class Held>(const Held& held) {
      if constexpr (!kIsDerived<Held>) this->put(held);
    });
  }

 private:
  void put_all(const auto& all) {
    put(all.size());
    for (const auto& each : all) put(each);
  }
  void put_digits(std::string_view text);

  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

  bool is_at_end() const { return bytes_.empty(); }

  template <class N>
    requires std::integral<N> || Enum<N>
  void get(N& number) {
    number = static_cast<N>(read_number());
  }
  void get(std::string& text);
  template <class Length>
  void get(std::chrono::sys_time<Length>& time) {
    typename Length::rep count{};
    get(count);
    time = std::chrono::sys_time<Length>(Length(count));
  }
  template <StrongId Id>
  void get(Id& id) {
    id = Id(value<typename Id::Representation>());
  }
  template <class T>
  void get(std::optional<T>& held) {
    held.reset();
    if (value<bool>()) held = value<T>();
  }
  template <class T>
  void get(Rare<T>& part) {
    part = {};
    if (value<bool>()) get(part.edit());
  }
  template <class... Ts>
  void get(std::variant<Ts...>& held) {
    get_alternative(held, value<std::size_t>(), std::index_sequence_for<Ts...>());
  }
  template <class T>
  void get(std::vector<T>& all) {
    const auto count = value<std::size_t>();
    all.reserve(count);
    for (std::size_t i = 0; i < count; ++i) all.push_back(value<T>());
  }
  template <Map M>
  void get(M& all) {
    const auto count = value<std::size_t>();
    for (std::size_t i = 0; i < count; ++i) {
      auto key = value<typename M::key_type>();
      all.emplace_hint(all.end(), std::move(key), value<typename M::mapped_type>());
    }
  }
  template <Set S>
  void get(S& all) {
    const auto count = value<std::size_t>();
    for (std::size_t i = 0; i < count; ++i)
      all.emplace_hint(all.end(), value<typename S::key_type>());
  }
  template <Struct T>
  void get(T& value) {
    for_each_member(value, [this]<class Held>(Held& held) {
      if constexpr (!kIsDerived<Held>) this->get(held);
    });
  }

 private:
  template <class T>
  T value() {
    T made{};
    get(made);
    return made;
  }
  template <class Variant, std::size_t... Is>
  void get_alternative(Variant& held, std::size_t index, std::index_sequence<Is...>) {
    ((index == Is ? get(held.template emplace<Is>()) : void()), ...);
  }
  std::uint64_t read_number();
  std::string_view bytes(std::size_t size);

  std::string_view bytes_;
};

}  // namespace annals::fsm
