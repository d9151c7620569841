#include "net/http_parser.hpp"

#include <algorithm>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "net/http_text.hpp"

namespace telltale::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

std::string text(string_view view) {
  return {view.data(), view.size()};
}

// Fills plain strings; what goes where is the owner's.
template <bool kIsRequest>
class Parser final : public http::basic_parser<kIsRequest> {
 public:
  Parser(Headers& headers, std::string& body) : headers_(headers), body_(body) {
    this->eager(true);
  }

  std::string method;
  std::string target;
  int status = 0;
  int version = 11;

  // False when more bytes are needed.
  bool put_from(std::string& buffer, error_code& error) {
    while (!buffer.empty() && !this->is_done()) {
      const auto used = this->put(boost::asio::const_buffer(buffer.data(), buffer.size()), error);
      buffer.erase(0, used);
      if (error == http::error::need_more) {
        error = {};
        return false;
      }
      if (error) return false;
    }
    return true;
  }

 private:
  void on_request_impl(http::verb, string_view method_text, string_view target_text, int ver,
                       error_code&) override {
    method = text(method_text);
    target = text(target_text);
    version = ver;
  }
  void on_response_impl(int code, string_view, int ver, error_code&) override {
    status = code;
    version = ver;
  }
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    headers_.add(text(name), text(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view bytes, error_code&) override {
    body_.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override {
    body_.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  Headers& headers_;
  std::string& body_;
};

Response refusal_of(const error_code& error) {
  if (error == http::error::header_limit)
    return problem(431, "the header of the request is too large");
  if (error == http::error::body_limit) return problem(413, "the body of the request is too large");
  if (error == http::error::bad_version) return problem(505, "only HTTP/1.1 is spoken here");
  return problem(400, "not an HTTP request: " + error.message());
}

}  // namespace

struct RequestParser::Impl {
  explicit Impl(Request& request) : parser(request.headers, request.body) {}
  Parser<true> parser;
};

RequestParser::RequestParser(std::size_t header_limit, std::size_t body_limit)
    : impl_(std::make_unique<Impl>(request_)) {
  impl_->parser.header_limit(static_cast<std::uint32_t>(header_limit));
  impl_->parser.body_limit(body_limit);
}
RequestParser::~RequestParser() = default;

void RequestParser::feed(std::string& buffer) {
  // Empty lines before a request are tolerated (RFC 9112 section 2.2).
  if (!head_done())
    while (impl_->parser.method.empty() && buffer.starts_with("\r\n")) buffer.erase(0, 2);
  error_code error;
  impl_->parser.put_from(buffer, error);
  if (error) refusal_ = refusal_of(error);
  if (!refusal_ && head_done() && !std::exchange(head_checked_, true)) check_head();
}

void RequestParser::check_head() {
  auto& parser = impl_->parser;
  request_.method = parser.method;
  request_.target = parser.target;
  const auto& headers = request_.headers;
  if (headers.contains("transfer-encoding") && !parser.chunked()) {
    refusal_ = problem(400, "Transfer-Encoding must end in chunked");
  } else if (std::ranges::count_if(headers,
                                   [](const auto& h) { return equal_no_case(h.first, "host"); }) !=
             (parser.version == 11       ? 1
              : headers.contains("host") ? 1
                                         : 0)) {
    refusal_ = problem(400, "exactly one Host header is needed");
  } else if (auto split = split_target(request_); !split) {
    refusal_ = problem(400, split.error().detail);
  }
}

bool RequestParser::head_done() const {
  return impl_->parser.is_header_done();
}
bool RequestParser::done() const {
  return impl_->parser.is_done();
}
bool RequestParser::keep_alive() const {
  return impl_->parser.keep_alive();
}

struct ResponseParser::Impl {
  Impl(Headers& headers, std::string& body) : parser(headers, body) {}
  Parser<false> parser;
};

ResponseParser::ResponseParser(std::size_t header_limit, bool to_head)
    : header_limit_(header_limit), to_head_(to_head) {
  begin();
}
ResponseParser::~ResponseParser() = default;

void ResponseParser::begin() {
  headers_ = {};
  impl_ = std::make_unique<Impl>(headers_, body_);
  impl_->parser.header_limit(static_cast<std::uint32_t>(header_limit_));
  impl_->parser.body_limit(boost::none);  // who reads the body bounds it
  impl_->parser.skip(to_head_);
}

void ResponseParser::feed(std::string& buffer) {
  for (;;) {
    error_code error;
    impl_->parser.put_from(buffer, error);
    if (error) {
      error_ = base::Error{.code = base::Code::protocol,
                           .detail = "not an HTTP answer: " + error.message()};
      return;
    }
    status_ = impl_->parser.status;
    const bool interim =
        impl_->parser.is_done() && status_ >= 100 && status_ < 200 && status_ != 101;
    if (!interim) return;
    begin();  // 100 Continue and its kind: the answer is still to come
  }
}

void ResponseParser::feed_end() {
  error_code error;
  if (head_done() && !done()) impl_->parser.put_eof(error);
  if (error || !done())
    error_ = base::Error{.code = base::Code::unavailable,
                         .detail = "the connection closed in the middle of the answer"};
}

bool ResponseParser::head_done() const {
  return impl_->parser.is_header_done();
}
bool ResponseParser::done() const {
  return impl_->parser.is_done();
}
bool ResponseParser::keep_alive() const {
  return impl_->parser.keep_alive();
}

}  // namespace telltale::net
