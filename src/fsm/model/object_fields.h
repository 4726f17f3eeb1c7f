// ObjectFields: the few values of an object that machines read, by the kind that has them. Which
// name each has in records stands once, in kObjectFields; whatever writes, reads, digests or
// redacts fields goes by that table. A new field is a member and its line there.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace annals::fsm {

// A part that few objects have: without it, one pointer. What is not there reads as an empty T, and
// equals one.
template <class T>
class Rare {
 public:
  Rare() = default;
  Rare(T value) : held_(std::make_unique<T>(std::move(value))) {}
  Rare(const Rare& other) : held_(other.held_ ? std::make_unique<T>(*other.held_) : nullptr) {}
  Rare(Rare&&) noexcept = default;
  Rare& operator=(const Rare& other) {
    if (this != &other) *this = Rare(other);
    return *this;
  }
  Rare& operator=(Rare&&) noexcept = default;
  ~Rare() = default;

  const T& operator*() const {
    static const T kNone{};
    return held_ ? *held_ : kNone;
  }
  const T* operator->() const { return &**this; }

  bool is_held() const { return held_ != nullptr; }
  // Made where it was not there.
  T& edit() {
    if (!held_) held_ = std::make_unique<T>();
    return *held_;
  }

  friend bool operator==(const Rare& a, const Rare& b) {
    return (!a.is_held() && !b.is_held()) || *a == *b;
  }

 private:
  std::unique_ptr<T> held_;
};

// Labels of whatever belongs to an instance.
struct InstanceFields {
  std::optional<std::string> set{};
  std::optional<std::string> name{};

  friend bool operator==(const InstanceFields&, const InstanceFields&) = default;
};

struct ServiceFields {
  std::optional<std::string> cluster_ip{};

  friend bool operator==(const ServiceFields&, const ServiceFields&) = default;
};

struct StatefulSetFields {
  // Of the template that its next pod is made from, once its controller has seen the latest one.
  std::optional<std::string> revision{};

  friend bool operator==(const StatefulSetFields&, const StatefulSetFields&) = default;
};

// A volume claim: what is asked for, what there is, and what becomes of a resize.
struct ClaimFields {
  std::optional<std::string> requested{};
  std::optional<std::string> capacity{};
  std::optional<std::string> resize{};  // conditions that hold: "FileSystemResizePending"
  // Of one that was there before its cluster: the name of that which the cluster would have made.
  std::optional<std::string> stands_for{};
  // Of one that outlives its cluster: for which it is kept (a UID), and until when.
  std::optional<std::string> kept_for{};
  std::optional<std::string> kept_until{};
  // The cluster (a UID) whose instance with this data led when it was deleted.
  std::optional<std::string> led_for{};
  std::optional<std::string> volume{};  // that it is bound to

  friend bool operator==(const ClaimFields&, const ClaimFields&) = default;
};

// Of one that makes a backup also which request (an annotation's value) or schedule it is of.
struct JobFields {
  std::optional<std::string> request{};
  std::optional<std::string> schedule{};
  std::optional<std::string> repo{};
  std::optional<std::string> start_time{};
  std::optional<std::string> completion_time{};
  std::optional<std::int64_t> active{};
  std::optional<std::int64_t> succeeded{};
  std::optional<std::int64_t> failures{};  // of its pods
  // Of one that restores (or looks after the archive for a restore, is a drill, or makes a
  // receipt): its annotation pgbackrest-hash, by which it is told from one for another request. Of
  // no other Job.
  std::optional<std::string> restore{};
  bool complete = false;
  std::optional<std::string> failed{};  // it has, and this is its message

  bool has_ended() const { return complete || failed.has_value(); }

  friend bool operator==(const JobFields&, const JobFields&) = default;
};

// What Patroni keeps in an object.
struct PatroniFields {
  std::optional<std::string> initialize{};  // the database's system identifier
  std::optional<std::string> config{};      // digest of its configuration; empty: it is unreadable
  std::optional<std::string> failsafe{};    // the configuration's failsafe_mode
  std::optional<std::string> leader{};      // by the name of its pod
  std::optional<std::string> standby{};     // "true": by the configuration it follows another one
  std::optional<std::string> kept{};        // timeline that it is not rewound on, by the same

  bool has_system() const { return initialize && !initialize->empty(); }

  friend bool operator==(const PatroniFields&, const PatroniFields&) = default;
};

struct SecretFields {
  std::optional<std::string> authority{};  // digest of the certificate of an authority kept here

  friend bool operator==(const SecretFields&, const SecretFields&) = default;
};

struct ObjectFields {
  Rare<InstanceFields> instance{};
  Rare<ServiceFields> service{};
  Rare<StatefulSetFields> stateful_set{};
  Rare<ClaimFields> claim{};
  Rare<JobFields> job{};
  Rare<PatroniFields> patroni{};
  Rare<SecretFields> secret{};

  friend bool operator==(const ObjectFields&, const ObjectFields&) = default;
};

template <class Group, class Value>
struct FieldForm {
  std::string_view name;  // in records
  Rare<Group> ObjectFields::* group;
  Value Group::* value;
};

// clang-format off
inline constexpr std::tuple kObjectFields{  // sorted by name, as records have them
    FieldForm{"active",         &ObjectFields::job,          &JobFields::active},
    FieldForm{"authority",      &ObjectFields::secret,       &SecretFields::authority},
    FieldForm{"capacity",       &ObjectFields::claim,        &ClaimFields::capacity},
    FieldForm{"clusterIP",      &ObjectFields::service,      &ServiceFields::cluster_ip},
    FieldForm{"complete",       &ObjectFields::job,          &JobFields::complete},
    FieldForm{"completionTime", &ObjectFields::job,          &JobFields::completion_time},
    FieldForm{"config",         &ObjectFields::patroni,      &PatroniFields::config},
    FieldForm{"failed",         &ObjectFields::job,          &JobFields::failed},
    FieldForm{"failsafe",       &ObjectFields::patroni,      &PatroniFields::failsafe},
    FieldForm{"failures",       &ObjectFields::job,          &JobFields::failures},
    FieldForm{"initialize",     &ObjectFields::patroni,      &PatroniFields::initialize},
    FieldForm{"instance",       &ObjectFields::instance,     &InstanceFields::name},
    FieldForm{"instance-set",   &ObjectFields::instance,     &InstanceFields::set},
    FieldForm{"keptFor",        &ObjectFields::claim,        &ClaimFields::kept_for},
    FieldForm{"keptTimeline",   &ObjectFields::patroni,      &PatroniFields::kept},
    FieldForm{"keptUntil",      &ObjectFields::claim,        &ClaimFields::kept_until},
    FieldForm{"leader",         &ObjectFields::patroni,      &PatroniFields::leader},
    FieldForm{"ledFor",         &ObjectFields::claim,        &ClaimFields::led_for},
    FieldForm{"repo",           &ObjectFields::job,          &JobFields::repo},
    FieldForm{"request",        &ObjectFields::job,          &JobFields::request},
    FieldForm{"requested",      &ObjectFields::claim,        &ClaimFields::requested},
    FieldForm{"resize",         &ObjectFields::claim,        &ClaimFields::resize},
    FieldForm{"restore",        &ObjectFields::job,          &JobFields::restore},
    FieldForm{"revision",       &ObjectFields::stateful_set, &StatefulSetFields::revision},
    FieldForm{"schedule",       &ObjectFields::job,          &JobFields::schedule},
    FieldForm{"standby",        &ObjectFields::patroni,      &PatroniFields::standby},
    FieldForm{"standsFor",      &ObjectFields::claim,        &ClaimFields::stands_for},
    FieldForm{"startTime",      &ObjectFields::job,          &JobFields::start_time},
    FieldForm{"succeeded",      &ObjectFields::job,          &JobFields::succeeded},
    FieldForm{"volume",         &ObjectFields::claim,        &ClaimFields::volume},
};
// clang-format on

// The field of that name, from its text in a record. False where there is none of that name, or the
// text is none of its values; nothing has changed then.
bool set_field(ObjectFields& fields, std::string_view name, std::string text);

// Calls use(name, text) for each field that is there, sorted by name.
template <std::invocable<std::string_view, std::string_view> Use>
void each_field(const ObjectFields& fields, Use use);

// Replaces each text by what change() makes of it. Numbers and flags are none.
template <std::invocable<std::string> Change>
void change_texts(ObjectFields& fields, Change change);

std::size_t count(const ObjectFields& fields);

// --- how

template <std::invocable<std::string_view, std::string_view> Use>
void use_value(std::string_view name, const std::optional<std::string>& value, Use& use) {
  if (value) use(name, std::string_view(*value));
}
template <std::invocable<std::string_view, std::string_view> Use>
void use_value(std::string_view name, const std::optional<std::int64_t>& value, Use& use) {
  if (!value) return;
  char text[std::numeric_limits<std::int64_t>::digits10 + 2];
  const char* const end = std::to_chars(std::begin(text), std::end(text), *value).ptr;
  use(name, std::string_view(text, static_cast<std::size_t>(end - text)));
}
template <std::invocable<std::string_view, std::string_view> Use>
void use_value(std::string_view name, bool value, Use& use) {
  if (value) use(name, std::string_view("true"));
}

template <std::invocable<std::string_view, std::string_view> Use>
void each_field(const ObjectFields& fields, Use use) {
  const auto use_one = [&](const auto& form) {
    const auto& group = fields.*(form.group);
    if (group.is_held()) use_value(form.name, (*group).*(form.value), use);
  };
  std::apply([&](const auto&... forms) { (use_one(forms), ...); }, kObjectFields);
}

template <std::invocable<std::string> Change>
void change_texts(ObjectFields& fields, Change change) {
  const auto change_one =
      [&]<class Group>(const FieldForm<Group, std::optional<std::string>>& form) {
        Rare<Group>& group = fields.*(form.group);
        if (!group.is_held()) return;
        std::optional<std::string>& value = group.edit().*(form.value);
        if (value) value = change(*std::move(value));
      };
  const auto skip_others = [&](const auto& form) {
    if constexpr (requires { change_one(form); }) change_one(form);
  };
  std::apply([&](const auto&... forms) { (skip_others(forms), ...); }, kObjectFields);
}

}  // namespace annals::fsm
