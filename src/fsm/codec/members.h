// The members of a struct as the compiler knows them: how many, of what type, and their names. The
// names come out of the compiler's own spelling of a member's address, which clang and gcc end with
// it: Boost.PFR does the same from 2.2 on. tests/unit/fsm/codec_test.cc holds both to it.
#pragma once

#include <array>
#include <boost/pfr/core.hpp>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace annals::fsm {

template <class T>
concept Struct = std::is_class_v<T> && std::is_aggregate_v<T>;

template <Struct T>
inline constexpr std::size_t kMemberCount = boost::pfr::tuple_size_v<T>;

template <std::size_t I, Struct T>
constexpr const auto& member(const T& of) {
  return boost::pfr::get<I>(of);
}
template <std::size_t I, Struct T>
constexpr auto& member(T& of) {
  return boost::pfr::get<I>(of);
}

// In the order of their declaration.
template <Struct T, class Use>
void for_each_member(T& of, Use use) {
  boost::pfr::for_each_field(of, use);
}

namespace detail {

template <class T>
struct Somewhere {
  T value;
};
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif
template <class T>
extern const Somewhere<T> kSomewhere;  // never made: its members have addresses all the same

constexpr bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The last name in this function's own: "... [Address = &kSomewhere.value.name_space]". Its type is
// not written out, because gcc would add what that is short for behind it.
template <auto Address>
consteval auto last_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  while (!is_of_name(text.back())) text.remove_suffix(1);
  std::size_t begin = text.size();
  while (is_of_name(text[begin - 1])) --begin;
  return text.substr(begin);
}

template <Struct T, std::size_t I>
consteval auto member_name() {
  return last_name<&boost::pfr::get<I>(kSomewhere<T>.value)>();
}
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

}  // namespace detail

// As it is declared: "name_space".
template <Struct T, std::size_t I>
inline constexpr std::string_view kMemberName = detail::member_name<T, I>();

}  // namespace annals::fsm
