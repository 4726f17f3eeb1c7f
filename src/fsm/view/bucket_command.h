// How a person makes the bucket or container that a repository lacks: with the store's own tool,
// since pgBackRest has no command for it.
#pragma once

#include <string>

#include "fsm/view/store_place.h"
#include "spec/repository.h"

namespace annals::fsm {

// "aws s3 mb s3://backups --region eu-central-1". Empty where there is no store, or a name has
// characters that a shell takes for its own.
std::string bucket_command(const spec::Repository& repo, const GlobalOptions& global);

}  // namespace annals::fsm
