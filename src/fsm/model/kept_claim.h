// What a claim says that outlives its cluster, by names of ours.
#pragma once

#include <string_view>

#include "manifests/labels.h"
#include "manifests/object.h"

namespace annals::fsm::kept_claim {

inline constexpr const char* kKeptForLabel = manifests::label::kKeptFor;
inline constexpr const char* kLedAnnotation = manifests::annotation::kLedWhenDeleted;
inline constexpr const char* kDeletedAnnotation = manifests::annotation::kDeletedAt;
inline constexpr const char* kTakeUpAnnotation = manifests::annotation::kTakeUpDeleted;
inline constexpr const char* kUntilAnnotation = manifests::annotation::kKeptUntil;
// Of its new owner.
inline constexpr std::string_view kOwnerApiVersion = manifests::kClusterApiVersion;
inline constexpr std::string_view kOwnerKind = manifests::kClusterKind;

}  // namespace annals::fsm::kept_claim
