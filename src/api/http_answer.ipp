// What HttpServer makes of one question, with Beast's types: for the files that see bytes. Pure but
// for the handler.
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/http_server.h"

namespace annals::api {

using Answer = boost::beast::http::response<boost::beast::http::string_body>;
// Reads the header alone: a body is nothing to us.
using QuestionParser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

// To what `parser` has read the header of. It keeps the connection alive only where the next byte
// is sure to begin another question.
Answer answer_to(const QuestionParser& parser, const Handler& handler);

}  // namespace annals::api
