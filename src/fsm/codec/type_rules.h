// Kinds of types that the codec tells apart, in JSON as in packed states.
#pragma once

#include <chrono>
#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace annals::fsm {

template <class T>
concept Whole = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept Enum = std::is_enum_v<T>;
// Of base/id.h.
template <class T>
concept StrongId = requires { typename T::Representation; };
template <class T>
concept Map = requires { typename T::mapped_type; };
template <class T>
concept Set = requires { typename T::key_type; } && !Map<T>;

}  // namespace annals::fsm
