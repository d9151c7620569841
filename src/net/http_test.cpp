#include "net/http.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "net/http_text.hpp"

namespace telltale::net {
namespace {

TEST(Headers, NamesHaveNoCase) {
  Headers headers;
  headers.add("Accept", "text/html, application/json;q=0.5");
  headers.add("accept", "text/event-stream");
  headers.set("X-One", "1");
  headers.set("x-one", "2");
  EXPECT_EQ(headers.get("X-ONE"), "2");
  EXPECT_EQ(headers.size(), 3U);
  EXPECT_TRUE(headers.has_token("ACCEPT", "Application/JSON"));
  EXPECT_TRUE(headers.has_token("Accept", "text/event-stream"));
  EXPECT_FALSE(headers.has_token("Accept", "text"));
  EXPECT_FALSE(headers.contains("Host"));
  EXPECT_EQ(headers.get_or("Host", "-"), "-");
  headers.erase("ACCEPT");
  EXPECT_EQ(headers.size(), 1U);
}

TEST(Request, TargetIsSplit) {
  struct Row {
    std::string target, path, query;
  };
  for (const auto& row :
       {Row{"/a%20b?x=1+2&y=%26&z", "/a%20b", "x=1 2;y=&;z=;"}, Row{"/", "/", ""},
        Row{"/?", "/", ""}, Row{"/a?b=c?d", "/a", "b=c?d;"}, Row{"http://h:1/p?q=1", "/p", "q=1;"},
        Row{"http://h", "/", ""}, Row{"*", "*", ""}, Row{"//x", "//x", ""}}) {
    Request request{.target = row.target};
    ASSERT_TRUE(split_target(request).has_value()) << row.target;
    EXPECT_EQ(request.path, row.path);
    std::string query;
    for (const auto& [name, value] : request.query) query += fmt::format("{}={};", name, value);
    EXPECT_EQ(query, row.query);
  }
  for (const auto* const bad : {"a", "/?a=%zz", "/?%1"}) {
    Request request{.target = bad};
    EXPECT_FALSE(split_target(request).has_value()) << bad;
  }
}

TEST(Request, Cookies) {
  Request request;
  request.headers.add("Cookie", "a=1; session=x=y ;b=");
  EXPECT_EQ(request.cookie("session"), "x=y");
  EXPECT_EQ(request.cookie("b"), "");
  EXPECT_FALSE(request.cookie("c"));
}

TEST(HttpText, DateReasonAndSafeHeaders) {
  EXPECT_EQ(date_header(base::from_unix_ms(784111777'500)),
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(299), "Unknown");
  std::string out;
  append_header(out, "X", "a\r\nSet-Cookie: b");
  EXPECT_EQ(out, "X: a  Set-Cookie: b\r\n");
  EXPECT_NE(problem(431, "too big").body.find("\"status\":431"), std::string::npos);
}

}  // namespace
}  // namespace telltale::net
