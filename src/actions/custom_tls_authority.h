// The authority of a certificate that the user brings in a Secret of his own, after a look at
// whether PostgreSQL could use what is there: a mistake is told by name here, before a server or a
// replica fails on it in its log.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/secret_data.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// PEM. kInvalid says what of the Secret cannot be used, without anything that stands in it.
Result<std::string> authority_of(const manifests::CustomTlsCertificate& custom_tls,
                                 const SecretData& data);

// Those of all of them; of an optional Secret that does not exist nothing.
boost::asio::awaitable<Answer<std::string>> custom_tls_authorities(
    std::vector<manifests::CustomTlsCertificate> custom_tls, std::string name_space,
    ActionContext context);

}  // namespace annals::actions
