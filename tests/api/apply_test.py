"""l2tpctl apply with a thousand tunnels: again, with one edit, and killed half way."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import unittest

from world import WorldTest

TUNNELS = 1000


def manifest(tunnels: int = TUNNELS, mtu: int = 1400) -> str:
    lines = ["pools:", "- name: pools/customers", "  ip_ranges: [10.0.0.1-10.0.3.250]"]
    lines += ["profiles:", "- name: profiles/base", f"  ppp: {{ mtu: {mtu} }}"]
    lines += ["- name: profiles/wholesale", "  parent: profiles/base"]
    lines += ["users:", "- { name: users/alice, password: wonderland, profile: profiles/wholesale }"]
    lines += ["peers:", "- { name: peers/isp, ip_prefix: 198.51.100.0/24, secret: hush }"]
    lines += ["tunnels:"]
    for i in range(tunnels):
        lines += [f"- name: tunnels/t{i}", "  remote_ip_address: 192.0.2.2"]
        lines += ["  profile: profiles/wholesale", f"  labels: {{ row: r{i % 10} }}"]
    return "\n".join(lines) + "\n"


class ApplyTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "wanted.yaml")

    def command(self, *arguments: str) -> list[str]:
        return [os.environ["L2TPCTL"], "--server", self.address, *arguments]

    def apply(self, text: str, *options: str, status: int = 0) -> list[tuple[str, str]]:
        """What was done to which resource."""
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        command = self.command("--json", "apply", "-f", self.path, *options)
        result = subprocess.run(command, capture_output=True, text=True, timeout=200)
        self.assertEqual(result.returncode, status, result.stderr)
        changes = [json.loads(line) for line in result.stdout.splitlines()]
        return [(change["change"], change["name"]) for change in changes]

    def export(self) -> str:
        return subprocess.check_output(self.command("export"), text=True)

    def test_a_second_time_changes_nothing_and_an_edit_one_thing(self) -> None:
        planned = self.apply(manifest(), "--dry-run")
        done = self.apply(manifest())
        self.assertEqual(len(done), TUNNELS + 5)
        self.assertEqual({change for change, _ in done}, {"create"})
        self.assertEqual(planned, done)
        self.assertEqual(self.apply(manifest()), [])
        self.assertEqual(self.apply(manifest(mtu=1350), "--dry-run"), [("update", "profiles/base")])
        self.assertEqual(self.apply(manifest(mtu=1350)), [("update", "profiles/base")])
        relabelled = manifest(mtu=1350).replace("row: r7", "row: other", 1)
        self.assertEqual(self.apply(relabelled), [("update", "tunnels/t7")])
        self.assertEqual(self.apply(relabelled), [])

    def test_what_cannot_change_while_it_lives_is_replaced_only_if_asked(self) -> None:
        self.apply(manifest(3))
        moved = manifest(3) + "  remote_port: 1702\n"
        self.assertEqual(self.apply(moved, status=1), [])
        self.assertEqual(self.apply(moved, "--dry-run", status=1), [])
        self.assertEqual(
            self.apply(moved, "--dry-run", "--replace"), [("replace", "tunnels/t2")]
        )
        self.assertEqual(self.apply(moved, "--replace"), [("replace", "tunnels/t2")])
        self.assertEqual(self.apply(moved), [])

    def test_prune_deletes_what_an_apply_has_made_and_nothing_else(self) -> None:
        self.apply(manifest(4))
        subprocess.check_call(
            self.command("peer", "create", "mine", "--prefix", "203.0.113.0/24"),
            stdout=subprocess.DEVNULL,
        )
        fewer = manifest(2).split("peers:")[0] + "peers: []\ntunnels: []\n"
        self.assertEqual(self.apply(fewer), [])
        want = [("delete", f"tunnels/t{i}") for i in range(4)] + [("delete", "peers/isp")]
        self.assertEqual(self.apply(fewer, "--prune", "--dry-run"), want)
        self.assertEqual(self.apply(fewer, "--prune"), want)
        # Heirs before what they inherit from.
        nothing = "pools:\nprofiles:\nusers:\n"
        done = self.apply(nothing, "--prune")
        self.assertEqual({name for _, name in done}, {
            "users/alice", "profiles/wholesale", "profiles/base", "pools/customers"})
        self.assertEqual(self.apply(nothing, "--prune"), [])

    def test_sessions_are_made_again_with_their_tunnel(self) -> None:
        calls = "sessions:\n"
        for i in range(3):
            calls += f"- {{ name: tunnels/t{i}/sessions/home, user: alice, password: x }}\n"
        self.assertEqual(len(self.apply(manifest(3) + calls)), 3 + 3 + 5)
        self.assertEqual(self.apply(manifest(3) + calls), [])
        exported = self.export()
        self.assertIn("tunnels/t2/sessions/home", exported)
        moved = manifest(3) + "  remote_port: 1702\n" + calls
        want = [("replace", "tunnels/t2"), ("create", "tunnels/t2/sessions/home")]
        self.assertEqual(self.apply(moved, "--dry-run", "--replace"), want)
        self.assertEqual(self.apply(moved, "--replace"), want)
        self.assertEqual(self.apply(moved), [])
        # A password is not seen, and a call that lives cannot take another one.
        want = [("update", "users/alice"), ("update", "peers/isp")]
        want += [("replace", f"tunnels/t{i}/sessions/home") for i in range(3)]
        self.assertEqual(self.apply(moved, "--secrets", "--replace"), want)

    def test_prune_leaves_tunnels_in_which_others_have_calls(self) -> None:
        self.apply(manifest(1))
        subprocess.check_call(
            self.command("session", "create", "t0", "mine"), stdout=subprocess.DEVNULL
        )
        self.assertEqual(self.apply("tunnels:\n", "--prune", status=1), [])
        self.assertEqual(
            self.apply("tunnels:\n", "--prune", "--force"), [("delete", "tunnels/t0")]
        )

    def test_heirs_may_stand_above_what_they_inherit_from(self) -> None:
        heir = "- { name: profiles/heir, parent: profiles/base }\n"
        base = "- { name: profiles/base, ppp: { mtu: 1400 } }\n"
        want = [("create", "profiles/base"), ("create", "profiles/heir")]
        self.assertEqual(self.apply("profiles:\n" + heir + base, "--dry-run"), want)
        self.assertEqual(self.apply("profiles:\n" + heir + base), want)
        missing = "profiles:\n- { name: profiles/x, parent: profiles/nowhere }\n"
        self.assertEqual(self.apply(missing, "--dry-run", status=3), [])

    def test_killed_half_way_it_is_finished_by_the_next(self) -> None:
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(manifest())
        command = self.command("--json", "apply", "-f", self.path)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as half:
            assert half.stdout
            for _ in range(400):
                half.stdout.readline()
            half.kill()
        done = self.apply(manifest())
        self.assertGreater(len(done), 0)
        self.assertLess(len(done), TUNNELS)
        self.assertEqual({change for change, _ in done}, {"create"})
        self.assertEqual(self.apply(manifest()), [])

    def test_what_is_exported_can_be_applied(self) -> None:
        self.apply(manifest(3))
        exported = self.export()
        self.assertNotIn("wonderland", exported)
        self.assertNotIn("hush", exported)
        self.assertIn("tunnels/t2", exported)
        with_password = exported.replace(
            '- name: "users/alice"', '- name: "users/alice"\n    password: wonderland'
        )
        # Elsewhere; here it has the label of the first apply.
        self.daemon.communicate()
        self.setUp()
        done = self.apply(with_password)
        self.assertEqual({change for change, _ in done}, {"create"})
        self.assertEqual(len(done), 3 + 5)
        self.assertEqual(self.apply(with_password), [])

    def test_a_file_that_is_wrong_changes_nothing(self) -> None:
        self.assertEqual(self.apply(manifest(3) + "  nonsense: 1\n", status=2), [])
        self.assertEqual(self.export().count("name:"), 0)


if __name__ == "__main__":
    unittest.main()
