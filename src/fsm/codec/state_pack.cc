#include "fsm/codec/state_pack.h"

#include <algorithm>
#include <boost/pfr/core.hpp>
#include <chrono>
#include <concepts>
#include <type_traits>
#include <utility>

#include "base/assert.h"

namespace annals::fsm {
namespace {

template <class T>
concept Number = std::integral<T> || std::is_enum_v<T>;
template <class T>
concept Counted = requires(const T& id) { typename T::Representation; };
template <class T>
concept Map = requires { typename T::mapped_type; };
template <class T>
concept Set = requires { typename T::key_type; } && !Map<T>;

// How a text is written. Most of a state's bytes are digests and UIDs, which are numbers.
enum class Form : std::uint8_t { kPlain, kHex, kUid };
constexpr std::uint64_t kForms = 4;
constexpr std::size_t kUidSize = 36;
constexpr std::size_t kShortestHex = 16;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return digit_of(c) >= 0; });
}
bool is_dash_of_uid(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

Form form_of(std::string_view text) {
  if (text.size() >= kShortestHex && text.size() % 2 == 0 && is_hex(text)) return Form::kHex;
  if (text.size() != kUidSize) return Form::kPlain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool fits = is_dash_of_uid(i) ? text[i] == '-' : digit_of(text[i]) >= 0;
    if (!fits) return Form::kPlain;
  }
  return Form::kUid;
}

class Packer {
 public:
  std::string take() && { return std::move(bytes_); }

  void put(Number auto number) {
    // What is negative is rare, and then long.
    auto rest = static_cast<std::uint64_t>(number);
    for (; rest >= 128; rest >>= 7U) bytes_ += static_cast<char>(rest | 128U);
    bytes_ += static_cast<char>(rest);
  }
  void put(const std::string& text) {
    const Form form = form_of(text);
    put(text.size() * kForms + static_cast<std::uint64_t>(form));
    if (form == Form::kPlain) {
      bytes_ += text;
    } else {
      put_digits(text);
    }
  }
  template <class Length>
  void put(const std::chrono::sys_time<Length>& time) {
    put(time.time_since_epoch().count());
  }
  void put(const Counted auto& id) { put(id.value()); }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
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
  void put(std::monostate) {}
  void put(const RenderedMemo&) {}
  void put(const std::shared_ptr<const RenderedStatus>&) {}
  template <class Struct>
    requires std::is_aggregate_v<Struct>
  void put(const Struct& value) {
    boost::pfr::for_each_field(value, [this](const auto& field) { this->put(field); });
  }

 private:
  void put_all(const auto& all) {
    put(all.size());
    for (const auto& each : all) put(each);
  }
  void put_digits(std::string_view text) {
    int high = -1;
    for (const char c : text) {
      if (c == '-') continue;
      const int digit = digit_of(c);
      if (high >= 0) bytes_ += static_cast<char>(16 * high + digit);
      high = high >= 0 ? -1 : digit;
    }
  }

  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

  bool is_at_end() const { return bytes_.empty(); }

  template <Number N>
  void get(N& number) {
    number = static_cast<N>(read_number());
  }
  void get(std::string& text) {
    const std::uint64_t head = read_number();
    const std::size_t size = head / kForms;
    const auto form = static_cast<Form>(head % kForms);
    if (form == Form::kPlain) {
      text = bytes(size);
    } else {
      text = form == Form::kUid ? uid(bytes(16)) : digits(bytes(size / 2));
    }
  }
  template <class Length>
  void get(std::chrono::sys_time<Length>& time) {
    typename Length::rep count{};
    get(count);
    time = std::chrono::sys_time<Length>(Length(count));
  }
  template <Counted Id>
  void get(Id& id) {
    id = Id(value<typename Id::Representation>());
  }
  template <class T>
  void get(std::optional<T>& held) {
    held.reset();
    if (value<bool>()) held = value<T>();
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
  void get(std::monostate&) {}
  void get(RenderedMemo&) {}
  void get(std::shared_ptr<const RenderedStatus>&) {}
  template <class Struct>
    requires std::is_aggregate_v<Struct>
  void get(Struct& value) {
    boost::pfr::for_each_field(value, [this](auto& field) { this->get(field); });
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
  std::uint64_t read_number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes(1).front());
      number |= static_cast<std::uint64_t>(byte & 127U) << shift;
      if (byte < 128) return number;
    }
  }
  std::string_view bytes(std::size_t size) {
    ANNALS_ASSERT(size <= bytes_.size(), "a packed state ends too soon");
    const std::string_view front = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return front;
  }
  static std::string digits(std::string_view numbers) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * numbers.size());
    for (const char each : numbers) {
      text += kDigits[static_cast<unsigned char>(each) / 16];
      text += kDigits[static_cast<unsigned char>(each) % 16];
    }
    return text;
  }
  static std::string uid(std::string_view numbers) {
    std::string text = digits(numbers);
    for (const std::size_t place : {8U, 13U, 18U, 23U}) text.insert(place, 1, '-');
    return text;
  }

  std::string_view bytes_;
};

}  // namespace

std::string pack_state(const ClusterState& state) {
  Packer packer;
  packer.put(state);
  return std::move(packer).take();
}

ClusterState unpack_state(std::string_view packed) {
  Unpacker unpacker(packed);
  ClusterState state;
  unpacker.get(state);
  ANNALS_ASSERT(unpacker.is_at_end(), "a packed state goes on behind its end");
  return state;
}

}  // namespace annals::fsm
