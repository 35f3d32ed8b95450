import { expect, test } from "vitest"
import { judgeAddress, mayDial } from "./address-guard.ts"

test.each([
  ["8.8.8.8", "public"],
  ["2606:4700::1111", "public"],
  ["::ffff:8.8.8.8", "public"],
  ["172.32.0.1", "public"],
  ["127.0.0.1", "private"],
  ["127.255.255.254", "private"],
  ["10.1.2.3", "private"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.168.0.1", "private"],
  ["100.64.0.1", "private"],
  ["::1", "private"],
  ["[::1]", "private"],
  ["fd12:3456::1", "private"],
  ["::ffff:127.0.0.1", "private"],
  ["::ffff:7f00:1", "private"],
  ["::127.0.0.1", "private"],
  ["64:ff9b::10.0.0.1", "private"],
  ["2002:0a00:0001::", "private"],
  ["169.254.169.254", "forbidden"],
  ["::ffff:169.254.169.254", "forbidden"],
  ["::ffff:a9fe:a9fe", "forbidden"],
  ["64:ff9b::a9fe:a9fe", "forbidden"],
  ["fe80::1%eth0", "forbidden"],
  ["fd00:ec2::254", "forbidden"],
  ["100.100.100.200", "forbidden"],
  ["192.0.0.192", "forbidden"],
  ["0.0.0.0", "forbidden"],
  ["::", "forbidden"],
  ["224.0.0.1", "forbidden"],
  ["255.255.255.255", "forbidden"],
  ["ff02::1", "forbidden"],
  ["example.com", "forbidden"],
  ["", "forbidden"],
])("%s is %s", (address, verdict) => {
  expect(judgeAddress(address)).toBe(verdict)
})

test("a private address is dialled only where the channel may, a metadata address never", () => {
  expect(mayDial("127.0.0.1", true)).toBe(true)
  expect(mayDial("127.0.0.1", false)).toBe(false)
  expect(mayDial("8.8.8.8", false)).toBe(true)
  expect(mayDial("169.254.169.254", true)).toBe(false)
})
